//! The host functions of a store, and their numbers among all its functions.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use crate::{
    collections::HashMap,
    error::kinds::LimitsError,
    runtime::{instance::FuncInst, instances::Instances},
};

/// A host function that a module imports.
pub(crate) struct HostImport<F> {
    pub(crate) func: Arc<F>,
    /// Number of its type in the engine.
    pub(crate) type_id: u32,
}

/// Numbers of the host functions that a module imports.
#[derive(Debug, Clone)]
pub(crate) enum HostNumbers {
    /// Consecutive numbers from this one on.
    From(u32),
    /// The number of each function.
    Each(Arc<[u32]>),
}

impl HostNumbers {
    /// The number of the function at `position` among the imported host functions.
    pub(crate) fn get(&self, position: u32) -> u32 {
        match self {
            Self::From(first) => first + position,
            Self::Each(numbers) => numbers[position as usize],
        }
    }
}

/// The most sets of host functions that a store remembers.
const MAX_SETS: usize = 8;

/// Host functions that were put into a store together.
struct HostSet<F> {
    hosts: Arc<Vec<HostImport<F>>>,
    numbers: HostNumbers,
    /// Whether the functions stay when the store is reset.
    lasting: bool,
}

/// The host functions of a store.
///
/// A host function has two numbers: its position here, which is what `FuncInst` holds, and its number among all
/// functions of the store. Functions are told apart by their addresses.
pub(crate) struct HostFuncs<F> {
    funcs: Vec<Arc<F>>,
    /// Sets of functions that were put into the store together.
    sets: Vec<HostSet<F>>,
    /// Numbers among all functions, by address.
    numbers: HashMap<usize, u32>,
    /// Host functions below this number among all functions are in `numbers`.
    numbered: u32,
}

impl<F> Default for HostFuncs<F> {
    fn default() -> Self {
        Self { funcs: Vec::new(), sets: Vec::new(), numbers: HashMap::default(), numbered: 0 }
    }
}

impl<F> HostFuncs<F> {
    /// The functions, by position.
    #[inline]
    pub(crate) fn funcs(&self) -> &[Arc<F>] {
        &self.funcs
    }

    /// Keeps only the first `lasting` functions, which the reset store still has.
    pub(crate) fn reset(&mut self, lasting: usize) {
        self.funcs.truncate(lasting);
        self.sets.retain(|set| set.lasting);
        self.numbers.clear();
        self.numbered = 0;
    }

    /// Puts a function into the store and returns its number. The same function may be there already. The store takes
    /// over a hold on its type.
    ///
    /// # Errors
    ///
    /// If the store has no more room for handles.
    pub(crate) fn push(&mut self, instances: &mut Instances, func: Arc<F>, type_id: u32) -> Result<u32, LimitsError> {
        let host = u32::try_from(self.funcs.len()).map_err(|_| LimitsError::TooManyInstanceHandles)?;
        let number = instances.push_held_funcs(Box::new([FuncInst::host(type_id, host)]))?;
        self.funcs.push(func);
        Ok(number)
    }

    /// Returns the numbers of the host functions that a module imports, and whether they stay when the store is
    /// reset. Puts new functions into the store.
    ///
    /// # Errors
    ///
    /// If the store has no more room for handles.
    pub(crate) fn numbers(
        &mut self,
        instances: &mut Instances,
        hosts: &[HostImport<F>],
    ) -> Result<(HostNumbers, bool), LimitsError> {
        if hosts.is_empty() {
            return Ok((HostNumbers::From(0), true));
        }
        if self.funcs.is_empty() {
            let mut funcs = Vec::new();
            let reserved = funcs.try_reserve_exact(hosts.len()).and_then(|()| self.funcs.try_reserve(hosts.len()));
            reserved.map_err(|_| LimitsError::OutOfSystemMemory)?;
            funcs.extend(hosts.iter().zip(0..).map(|(host, i)| FuncInst::host(host.type_id, i)));
            let (first, lasting) = instances.push_lasting_funcs(funcs.into_boxed_slice())?;
            self.funcs.extend(hosts.iter().map(|host| host.func.clone()));
            return Ok((HostNumbers::From(first), lasting));
        }
        self.number_all(instances);
        let numbers: Result<_, _> =
            hosts.iter().map(|host| self.number_of_new(instances, &host.func, host.type_id)).collect();
        Ok((HostNumbers::Each(numbers?), false))
    }

    /// Returns what `numbers` returns, and remembers it for the next call with the same list.
    ///
    /// # Errors
    ///
    /// If the store has no more room for handles.
    pub(crate) fn numbers_of_set(
        &mut self,
        instances: &mut Instances,
        hosts: &Arc<Vec<HostImport<F>>>,
    ) -> Result<HostNumbers, LimitsError> {
        if let Some(set) = self.sets.iter().find(|set| Arc::ptr_eq(&set.hosts, hosts)) {
            return Ok(set.numbers.clone());
        }
        let (numbers, lasting) = self.numbers(instances, hosts)?;
        if self.sets.len() == MAX_SETS {
            self.sets.swap_remove(MAX_SETS - 1);
        }
        self.sets.push(HostSet { hosts: hosts.clone(), numbers: numbers.clone(), lasting });
        Ok(numbers)
    }

    /// Returns the number of a function. Puts it into the store if it is new.
    ///
    /// # Errors
    ///
    /// If the store has no more room for handles.
    pub(crate) fn number(
        &mut self,
        instances: &mut Instances,
        func: &Arc<F>,
        type_id: u32,
    ) -> Result<u32, LimitsError> {
        self.number_all(instances);
        self.number_of_new(instances, func, type_id)
    }

    /// Enters the host functions that are missing from `numbers`.
    fn number_all(&mut self, instances: &Instances) {
        for number in self.numbered..instances.num_funcs() {
            if let Some(host) = instances.host_func(number) {
                let address = Arc::as_ptr(&self.funcs[host as usize]).addr();
                self.numbers.entry(address).or_insert(number);
            }
        }
        self.numbered = instances.num_funcs();
    }

    /// Returns the number of a function, when all functions of the store are in `numbers`.
    fn number_of_new(&mut self, instances: &mut Instances, func: &Arc<F>, type_id: u32) -> Result<u32, LimitsError> {
        let address = Arc::as_ptr(func).addr();
        if let Some(&number) = self.numbers.get(&address) {
            return Ok(number);
        }
        let number = self.push(instances, func.clone(), type_id)?;
        instances.types.hold([type_id]);
        self.numbers.insert(address, number);
        self.numbered = instances.num_funcs();
        Ok(number)
    }
}
