//! The context of a program: everything that it sees of the host.

use std::{
    io::{Read, Write},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use wasmote::InterruptHandle;

use crate::{
    clocks::Clocks,
    errno::Result,
    meter::Meter,
    random::Random,
    stream::{Input, Output},
    table::{Descriptor, SharedTable, Table},
    waits::Waits,
};

/// The context of a program: arguments, environment, descriptors, clocks and random numbers.
///
/// A [`WasiCtxBuilder`](crate::WasiCtxBuilder) makes one. It is part of the data of a store, where the functions of WASI
/// find it.
pub struct WasiCtx {
    pub(crate) args: Strings,
    pub(crate) env: Strings,
    pub(crate) table: Table,
    pub(crate) clocks: Clocks,
    pub(crate) random: Random,
    pub(crate) rights: RightsMode,
    pub(crate) waits: Waits,
    pub(crate) meter: Meter,
    /// Where the descriptors are while this thread runs code, if several threads have them
    pub(crate) shared: Option<Arc<SharedTable>>,
}

/// What the rights decide that a program asks for when it opens something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RightsMode {
    /// Whether the file can be read and written. Everything else follows the directory
    #[default]
    Access,
    /// What can be done with the descriptor, and with those opened through it
    Strict,
}

impl WasiCtx {
    /// Takes standard input from another reader from now on.
    pub fn set_stdin(&mut self, reader: Box<dyn Read + Send>) {
        self.with_descriptors(|ctx| ctx.table.replace(0, Descriptor::input(Input::Reader(Mutex::new(reader)))));
    }

    /// Sends standard output to another writer from now on.
    pub fn set_stdout(&mut self, writer: Box<dyn Write + Send>) {
        self.with_descriptors(|ctx| ctx.table.replace(1, Descriptor::output(Output::Writer(Mutex::new(writer)))));
    }

    /// Sends standard error to another writer from now on.
    pub fn set_stderr(&mut self, writer: Box<dyn Write + Send>) {
        self.with_descriptors(|ctx| ctx.table.replace(2, Descriptor::output(Output::Writer(Mutex::new(writer)))));
    }

    /// Sets the time after which the program must not wait for clocks or for descriptors: to read, to write, to accept a
    /// connection.
    ///
    /// A function that would have to wait or work longer stops the program with
    /// [`WasiError::Deadline`](crate::WasiError::Deadline). The deadline does not bound computation: fuel does. Nor does it
    /// bound waiting in readers and writers of the embedder, nor on systems other than Unix.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.waits = Waits { deadline, interrupt: self.waits.interrupt.take(), ..Waits::default() };
    }

    /// Ends waiting functions soon after the code of the store is interrupted. `handle` is the handle of the store that the
    /// context belongs to ([`Store::interrupt_handle`](wasmote::Store::interrupt_handle)). A waiting function checks it every few
    /// milliseconds. If the embedder decides that the code continues, the function continues to wait.
    ///
    /// What [`WasiCtx::set_deadline`] does not bound is not interrupted either. Default: none.
    pub fn set_interrupt_handle(&mut self, handle: Option<InterruptHandle>) {
        self.waits.interrupt = handle;
    }

    /// Sets how many units of fuel functions may consume beyond the fuel of the store.
    ///
    /// If the engine meters fuel, work of the host for the program consumes fuel too: copied bytes, random bytes, entries
    /// of directories. A function without enough fuel for its work traps. A host that hands out fuel in slices grants the
    /// rest of the program's budget as credit, so that one function can consume more than a slice. Default: 0.
    pub fn set_fuel_credit(&mut self, units: u64) {
        self.meter.credit = units;
    }

    /// Returns how many units of the credit are left.
    #[must_use]
    pub fn fuel_credit(&self) -> u64 {
        self.meter.credit
    }

    /// Returns a context for another thread of the program, with the same descriptors. Clocks go on as these do, and
    /// seeded random numbers take a sequence of their own.
    ///
    /// One thread at a time uses the descriptors. A thread that waits for one keeps the others from theirs meanwhile; one
    /// that waits for a clock alone does not.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        let shared = self.shared.get_or_insert_with(|| Arc::new(SharedTable::new(self.table.take())));
        Self {
            args: self.args.clone(),
            env: self.env.clone(),
            table: Table::new(0),
            clocks: self.clocks.clone(),
            random: self.random.fork(),
            rights: self.rights,
            waits: self.waits.fresh(),
            meter: Meter::default(),
            shared: Some(shared.clone()),
        }
    }

    /// Runs a function that has the descriptors for itself.
    #[inline]
    pub(crate) fn with_descriptors<R>(&mut self, function: impl FnOnce(&mut Self) -> R) -> R {
        self.lock_descriptors();
        let result = function(self);
        self.unlock_descriptors();
        result
    }

    #[inline]
    fn lock_descriptors(&mut self) {
        if let Some(shared) = &self.shared {
            self.table = shared.lock();
        }
    }

    #[inline]
    fn unlock_descriptors(&mut self) {
        if let Some(shared) = &self.shared {
            shared.unlock(self.table.take());
        }
    }

    /// Waits for a clock. Other threads may use the descriptors meanwhile.
    ///
    /// # Errors
    ///
    /// If the program is interrupted.
    pub(crate) fn sleep(&mut self, nanoseconds: u64) -> Result<()> {
        self.unlock_descriptors();
        let result = self.sleep_in_parts(Duration::from_nanos(nanoseconds));
        self.lock_descriptors();
        result
    }

    fn sleep_in_parts(&mut self, mut rest: Duration) -> Result<()> {
        if self.waits.interrupt.is_none() || matches!(self.clocks, Clocks::Fixed { .. }) {
            self.clocks.wait(u64::try_from(rest.as_nanos()).unwrap_or(u64::MAX));
            return Ok(());
        }
        let began = Instant::now();
        let all = rest;
        while !rest.is_zero() {
            std::thread::sleep(self.waits.part(Some(rest)).unwrap_or(rest));
            let time = began.elapsed();
            rest = all.saturating_sub(time);
            if !rest.is_zero()
                && let Err(errno) = self.waits.check()
            {
                self.waits.waited += time;
                return Err(errno);
            }
        }
        Ok(())
    }
}

impl core::fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WasiCtx").field("clocks", &self.clocks).finish_non_exhaustive()
    }
}

/// Strings in the form that programs receive: one after the other, each followed by a NUL byte.
#[derive(Debug, Default, Clone)]
pub(crate) struct Strings {
    pub(crate) bytes: Vec<u8>,
    /// The offset of each string
    pub(crate) offsets: Vec<u32>,
}

impl Strings {
    /// Adds a string that has no NUL byte. Returns whether it fits.
    pub(crate) fn push(&mut self, string: &str) -> bool {
        let fits = self.bytes.len() + string.len() < u32::MAX as usize;
        if let (true, Ok(offset)) = (fits, u32::try_from(self.bytes.len())) {
            self.offsets.push(offset);
            self.bytes.extend_from_slice(string.as_bytes());
            self.bytes.push(0);
        }
        fits
    }
}
