//! Random bodies: valid ones, and ones with a few deliberate mistakes.

use wasmote::Proposal;

use crate::{
    env::{
        CONCRETE_VALUE, EXTERN, Env, F32, F64, FUNC, I32, I64, heap, is_defaultable, is_reference, is_subtype,
        value_type, value_types, with_null, without_null,
    },
    oracle::Switches,
    random::{Random, signed, unsigned},
};

/// An open block.
struct Frame {
    height: usize,
    label: Vec<u8>,
    results: Vec<u8>,
    params: Vec<u8>,
    unreachable: bool,
    is_if: bool,
}

/// A body under construction.
struct Maker<'a> {
    random: &'a mut Random,
    env: &'a Env,
    switches: Switches,
    /// Makes one mistake in this many decisions; 0: none
    mistakes: usize,
    out: Vec<u8>,
    locals: Vec<u8>,
    /// Whether locals have a value, and those that got one, with the number of open frames
    set: Vec<bool>,
    set_inside: Vec<(usize, usize)>,
    values: Vec<u8>,
    /// The types on the operand stack; `None`: any type
    stack: Vec<Option<u8>>,
    frames: Vec<Frame>,
}

/// The numeric operators of one byte, in runs: last opcode, operands, result.
const NUMERIC: [(u8, &[u8], u8); 40] = [
    (0x45, &[I32], I32),
    (0x4f, &[I32, I32], I32),
    (0x50, &[I64], I32),
    (0x5a, &[I64, I64], I32),
    (0x60, &[F32, F32], I32),
    (0x66, &[F64, F64], I32),
    (0x69, &[I32], I32),
    (0x78, &[I32, I32], I32),
    (0x7b, &[I64], I64),
    (0x8a, &[I64, I64], I64),
    (0x91, &[F32], F32),
    (0x98, &[F32, F32], F32),
    (0x9f, &[F64], F64),
    (0xa6, &[F64, F64], F64),
    (0xa7, &[I64], I32),
    (0xa9, &[F32], I32),
    (0xab, &[F64], I32),
    (0xad, &[I32], I64),
    (0xaf, &[F32], I64),
    (0xb1, &[F64], I64),
    (0xb3, &[I32], F32),
    (0xb5, &[I64], F32),
    (0xb6, &[F64], F32),
    (0xb8, &[I32], F64),
    (0xba, &[I64], F64),
    (0xbb, &[F32], F64),
    (0xbc, &[F32], I32),
    (0xbd, &[F64], I64),
    (0xbe, &[I32], F32),
    (0xbf, &[I64], F64),
    (0xc1, &[I32], I32),
    (0xc4, &[I64], I64),
    // After 0xfc.
    (0x01, &[F32], I32),
    (0x03, &[F64], I32),
    (0x05, &[F32], I64),
    (0x07, &[F64], I64),
    (0x13, &[I64, I64, I64, I64], I64),
    (0x14, &[I64, I64, I64, I64], I64),
    (0x15, &[I64, I64], I64),
    (0x16, &[I64, I64], I64),
];

/// Loads from 0x28 on: type, logarithm of the natural alignment.
const LOADS: [(u8, u8); 14] = [
    (I32, 2),
    (I64, 3),
    (F32, 2),
    (F64, 3),
    (I32, 0),
    (I32, 0),
    (I32, 1),
    (I32, 1),
    (I64, 0),
    (I64, 0),
    (I64, 1),
    (I64, 1),
    (I64, 2),
    (I64, 2),
];

/// Stores from 0x36 on.
const STORES: [(u8, u8); 9] =
    [(I32, 2), (I64, 3), (F32, 2), (F64, 3), (I32, 0), (I32, 1), (I64, 0), (I64, 1), (I64, 2)];

/// Makes a body for defined function `func`.
pub(crate) fn body(random: &mut Random, env: &Env, switches: Switches, func: usize, mistakes: usize) -> Vec<u8> {
    let (params, results) = &env.types[env.funcs[func]];
    let mut out = Vec::new();
    let mut locals = params.clone();
    let mut set = vec![true; params.len()];
    let values = value_types(switches);
    let runs = random.below(4);
    unsigned(&mut out, runs as u64, 0);
    for _ in 0..runs {
        let count = if random.once_in(20) { 300 } else { random.below(4) };
        let ty = random.pick(&values);
        unsigned(&mut out, count as u64, 0);
        value_type(&mut out, ty);
        locals.extend(std::iter::repeat_n(ty, count));
        set.extend(std::iter::repeat_n(is_defaultable(ty), count));
    }
    let frame = Frame {
        height: 0,
        label: results.clone(),
        results: results.clone(),
        params: vec![],
        unreachable: false,
        is_if: false,
    };
    let mut maker = Maker {
        random,
        env,
        switches,
        mistakes,
        out,
        locals,
        set,
        set_inside: vec![],
        values,
        stack: vec![],
        frames: vec![frame],
    };
    let length = [3, 10, 40, 120][maker.random.below(4)];
    for _ in 0..length {
        maker.operator();
    }
    while !maker.frames.is_empty() {
        maker.end();
    }
    maker.out
}

fn address(wide: bool) -> u8 {
    if wide { I64 } else { I32 }
}

impl Maker<'_> {
    fn wrong(&mut self) -> bool {
        self.random.once_in(self.mistakes)
    }

    /// Whether to use a proposal; by mistake, even a disabled one.
    fn may(&mut self, switch: impl Into<Switches>) -> bool {
        self.switches.has(switch) || self.wrong()
    }

    fn may_all(&mut self, types: &[u8]) -> bool {
        types.iter().all(|ty| match *ty {
            F32 | F64 => self.may(Proposal::Floats),
            FUNC | EXTERN => self.may(Proposal::ReferenceTypes),
            ty if is_reference(ty) => self.may(Proposal::FunctionReferences),
            _ => true,
        })
    }

    /// Returns an index below `count`, or a wrong one.
    fn index(&mut self, count: usize) -> usize {
        if self.wrong() { self.random.pick(&[0, 1, 2, 3, 200, count, count + 1]) } else { self.random.below(count) }
    }

    fn number(&mut self, value: usize) {
        let more = if self.random.once_in(24) { self.random.below(6) } else { 0 };
        let len = (64 - (value as u64).leading_zeros() as usize).div_ceil(7).max(1);
        let more = if self.wrong() { more } else { more.min(5 - len) };
        unsigned(&mut self.out, value as u64, more);
    }

    fn has(&self, inputs: &[u8]) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let there = &self.stack[frame.height.min(self.stack.len())..];
        if there.len() < inputs.len() && !frame.unreachable {
            return false;
        }
        there.iter().rev().zip(inputs.iter().rev()).all(|(there, input)| there.is_none_or(|ty| is_subtype(ty, *input)))
    }

    fn pop(&mut self, count: usize) {
        let height = self.frames.last().map_or(0, |frame| frame.height);
        let left = self.stack.len().saturating_sub(count).max(height);
        self.stack.truncate(left);
    }

    /// Ensures that the top of the stack has operands of these types.
    fn need(&mut self, inputs: &[u8]) {
        let reuses = self.has(inputs) && self.random.below(4) > 0;
        if !reuses && !self.wrong() {
            for ty in inputs {
                let ty = if self.wrong() { self.random.pick(&self.values) } else { *ty };
                self.produce(ty);
            }
        }
    }

    fn apply(&mut self, inputs: &[u8], outputs: &[u8]) {
        self.pop(inputs.len());
        self.stack.extend(outputs.iter().map(|ty| Some(*ty)));
    }

    /// Emits an operator without immediates.
    fn plain(&mut self, inputs: &[u8], outputs: &[u8], bytes: &[u8]) {
        self.need(inputs);
        self.out.extend(bytes);
        self.apply(inputs, outputs);
    }

    /// Emits an operator with indices.
    fn indexed(&mut self, inputs: &[u8], outputs: &[u8], bytes: &[u8], indices: &[usize]) {
        self.plain(inputs, outputs, bytes);
        for index in indices {
            self.number(*index);
        }
    }

    /// Pushes a value of this type.
    fn produce(&mut self, ty: u8) {
        let start = self.random.below(self.locals.len());
        if let Some(local) =
            (start..self.locals.len()).find(|local| is_subtype(self.locals[*local], ty) && self.set[*local])
            && self.random.below(2) == 0
        {
            return self.indexed(&[], &[self.locals[local]], &[0x20], &[local]);
        }
        if let Some(global) = self.env.globals.iter().position(|global| is_subtype(global.0, ty))
            && self.random.below(4) == 0
        {
            return self.indexed(&[], &[self.env.globals[global].0], &[0x23], &[global]);
        }
        match ty {
            I32 | I64 => {
                let (opcode, most) = if ty == I32 { (0x41, 5) } else { (0x42, 10) };
                self.out.push(opcode);
                let value = self.random.number() as i64;
                let value = if ty == I32 && !self.wrong() { i64::from(value as i32) } else { value };
                let mut bytes = Vec::new();
                signed(&mut bytes, value, 0);
                let more = if self.random.once_in(12) { self.random.below(4) } else { 0 };
                let more = if self.wrong() { more } else { more.min(10_usize.min(most).saturating_sub(bytes.len())) };
                signed(&mut self.out, value, more);
            }
            F32 | F64 => {
                let bytes = self.random.next().to_le_bytes();
                self.out.push(if ty == F32 { 0x43 } else { 0x44 });
                self.out.extend(&bytes[..if ty == F32 { 4 } else { 8 }]);
            }
            ty if is_reference(ty) => return self.produce_reference(ty),
            ty => self.out.extend([0xd0, ty]),
        }
        self.stack.push(Some(ty));
    }

    /// Pushes a reference of this type, or of a subtype.
    fn produce_reference(&mut self, ty: u8) {
        let func_type = |func: usize| self.env.funcs[func];
        let fits =
            |func: &&usize| with_null(ty) == FUNC || heap(ty) < 0x40 && func_type(**func) == usize::from(heap(ty));
        let funcs: Vec<usize> = self.env.declared.iter().filter(fits).copied().collect();
        if !funcs.is_empty() && self.random.below(2) == 0 {
            let func = self.random.pick(&funcs);
            let func = if self.wrong() { self.index(self.env.funcs.len()) } else { func };
            let exact = self.env.funcs.get(func).and_then(|ty| u8::try_from(*ty).ok()).unwrap_or(0);
            // Of types that the generator does not refer to only this is known.
            let known = exact < crate::env::CONCRETE_TYPES && self.switches.has(Proposal::FunctionReferences);
            let result = if known { CONCRETE_VALUE + exact } else { ty };
            return self.indexed(&[], &[result], &[0xd2], &[func]);
        }
        self.out.extend([0xd0, heap(ty)]);
        if !is_defaultable(ty) {
            self.out.push(0xd4);
        }
        self.stack.push(Some(ty));
    }

    /// Notes that a local was set.
    fn set_local(&mut self, local: usize) {
        if self.set.get(local) == Some(&false) {
            self.set[local] = true;
            self.set_inside.push((self.frames.len(), local));
        }
    }

    /// Forgets which locals were set where more than `frames` were open.
    fn unset_locals(&mut self, frames: usize) {
        while let Some(&(open, local)) = self.set_inside.last()
            && open > frames
        {
            self.set[local] = false;
            self.set_inside.pop();
        }
    }

    /// Operators on references that may be null.
    fn references(&mut self) {
        let references: Vec<u8> = self.values.iter().copied().filter(|ty| is_reference(*ty)).collect();
        if references.is_empty() || !self.may(Proposal::FunctionReferences) {
            return;
        }
        let ty = self.random.pick(&references);
        let (nullable, value) = (with_null(ty), without_null(ty));
        match self.random.below(4) {
            0 => self.plain(&[nullable], &[value], &[0xd4]),
            1 => {
                let (depth, mut types) = self.label();
                let mut results = types.clone();
                types.push(nullable);
                results.push(value);
                self.indexed(&types, &results, &[0xd5], &[depth]);
            }
            2 => {
                let (depth, mut types) = self.label();
                let results = types.split_last().map_or(vec![], |(_, results)| results.to_vec());
                match types.last_mut() {
                    Some(last) if is_reference(*last) => *last = with_null(*last),
                    _ if self.wrong() => types.push(nullable),
                    _ => return,
                }
                self.indexed(&types, &results, &[0xd6], &[depth]);
            }
            _ => {
                let index = self.index(usize::from(crate::env::CONCRETE_TYPES).min(self.env.types.len()));
                let (mut params, results) = self.env.types.get(index).cloned().unwrap_or_default();
                params.push(crate::env::CONCRETE + (index as u8 & 7));
                let tail = self.random.below(3) == 0 && self.may(Proposal::TailCall);
                let fits = self.frames.first().is_some_and(|frame| frame.results == results);
                if tail && !fits && !self.wrong() {
                    return;
                }
                self.indexed(&params, &results, &[if tail { 0x15 } else { 0x14 }], &[index]);
                if tail {
                    self.unreachable();
                }
            }
        }
    }

    fn unreachable(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.unreachable = true;
            self.stack.truncate(frame.height);
        }
    }

    fn begin(&mut self) {
        let opcode = self.random.pick(&[0x02, 0x03, 0x04]);
        let (params, results) = if self.switches.has(Proposal::MultiValue) && self.random.below(2) == 0 {
            let index = self.index(self.env.types.len());
            let ty = self.env.types.get(index).cloned().unwrap_or_default();
            let condition: &[u8] = if opcode == 0x04 { &[I32] } else { &[] };
            self.need(&[&ty.0, condition].concat());
            self.out.push(opcode);
            signed(&mut self.out, index as i64, self.random.pick(&[0, 0, 0, 1, 3]));
            ty
        } else {
            if opcode == 0x04 {
                self.need(&[I32]);
            }
            self.out.push(opcode);
            let ty = self.random.pick(&self.values);
            if self.random.below(2) == 0 {
                self.out.push(0x40);
                (vec![], vec![])
            } else {
                value_type(&mut self.out, ty);
                (vec![], vec![ty])
            }
        };
        self.pop(params.len() + usize::from(opcode == 0x04));
        self.frames.push(Frame {
            height: self.stack.len(),
            label: if opcode == 0x03 { params.clone() } else { results.clone() },
            results,
            params: params.clone(),
            unreachable: false,
            is_if: opcode == 0x04,
        });
        self.stack.extend(params.into_iter().map(Some));
    }

    /// Leaves only the results of the innermost block on the stack.
    fn settle(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let (height, results) = (frame.height, frame.results.clone());
        let exact = self.has(&results)
            && (self.stack.len() - height == results.len()
                || frame.unreachable && self.stack.len() - height < results.len());
        if exact || self.wrong() {
            return;
        }
        if self.random.below(4) == 0 {
            self.out.push(0x00);
            return self.unreachable();
        }
        while self.stack.len() > height {
            self.plain(&[], &[], &[0x1a]);
            self.pop(1);
        }
        self.need(&results);
    }

    fn end(&mut self) {
        self.settle();
        let Some(frame) = self.frames.pop() else { return };
        self.unset_locals(self.frames.len());
        self.stack.truncate(frame.height);
        if frame.is_if && (frame.params != frame.results || self.random.below(2) == 0) && !self.wrong() {
            self.out.push(0x05);
            self.frames.push(Frame { is_if: false, unreachable: false, ..frame });
            self.stack.extend(self.frames.last().iter().flat_map(|frame| &frame.params).map(|ty| Some(*ty)));
            for _ in 0..self.random.below(3) {
                self.operator();
            }
            return self.end();
        }
        self.out.push(0x0b);
        self.stack.extend(frame.results.into_iter().map(Some));
    }

    /// Returns the types of a label, and its depth.
    fn label(&mut self) -> (usize, Vec<u8>) {
        let depth = self.index(self.frames.len());
        let frame = self.frames.iter().rev().nth(depth);
        (depth, frame.map_or(vec![], |frame| frame.label.clone()))
    }

    fn memarg(&mut self, align: u8) -> u8 {
        let memory = self.index(self.env.memories.len());
        let wide = self.env.memories.get(memory).copied().unwrap_or(false);
        let align =
            if self.wrong() { self.random.below(70) as u8 } else { self.random.below(usize::from(align) + 1) as u8 };
        let explicit = memory > 0 || self.switches.has(Proposal::MultiMemory) && self.random.below(4) == 0;
        let more = if self.random.once_in(16) { self.random.below(3) } else { 0 };
        unsigned(&mut self.out, u64::from(align) | if explicit { 0x40 } else { 0 }, more);
        if explicit {
            self.number(memory);
        }
        let offset = self.random.number();
        let offset = if wide || self.wrong() { offset } else { offset & 0xffff_ffff };
        unsigned(&mut self.out, offset, 0);
        address(wide)
    }

    /// Emits a load or a store. Chooses the memory first, which determines the type of the address.
    fn access(&mut self) {
        if self.env.memories.is_empty() && !self.wrong() {
            return;
        }
        let store = self.random.below(2) == 0;
        let at = self.random.below(if store { 9 } else { 14 });
        let (ty, align) = if store { STORES[at] } else { LOADS[at] };
        if !self.may_all(&[ty]) {
            return;
        }
        // The immediates are encoded apart, since they determine the type of the address.
        let body = std::mem::take(&mut self.out);
        let addr = self.memarg(align);
        let immediates = std::mem::replace(&mut self.out, body);
        if store {
            self.plain(&[addr, ty], &[], &[0x36 + at as u8]);
        } else {
            self.plain(&[addr], &[ty], &[0x28 + at as u8]);
        }
        self.out.extend(immediates);
    }

    fn numeric(&mut self) {
        let run = self.random.below(NUMERIC.len());
        let (last, inputs, output) = NUMERIC[run];
        let prefixed = run >= 32;
        let first = match run {
            0 => 0x45,
            32 => 0x00,
            36 => 0x13,
            _ => NUMERIC[run - 1].0 + 1,
        };
        let opcode = first + self.random.below(usize::from(last - first) + 1) as u8;
        let switch = match (prefixed, opcode) {
            (false, 0xc0..) => Proposal::SignExtension.into(),
            (true, ..=0x07) => Proposal::SaturatingFloatToInt.into(),
            (true, _) => Proposal::WideArithmetic.into(),
            _ => Switches::NONE,
        };
        if self.may_all(&[inputs[0], output]) && self.may(switch) {
            let outputs: &[u8] = if prefixed && opcode >= 0x13 { &[I64, I64] } else { &[output] };
            if prefixed {
                self.plain(inputs, outputs, &[0xfc]);
                self.number(usize::from(opcode));
            } else {
                self.plain(inputs, outputs, &[opcode]);
            }
        }
    }

    fn memories(&mut self) {
        let count = self.env.memories.len();
        if count == 0 && !self.wrong() {
            return;
        }
        let (memory, other) = (self.index(count), self.index(count));
        let wide = |index: usize| self.env.memories.get(index).copied().unwrap_or(false);
        let (addr, from) = (address(wide(memory)), address(wide(other)));
        let least = address(wide(memory) && wide(other));
        match self.random.below(6) {
            // One byte, if the proposal that allows more is off.
            0 => self.plain(&[], &[addr], &[0x3f, memory as u8 & 0x7f]),
            1 => self.plain(&[addr], &[addr], &[0x40, memory as u8 & 0x7f]),
            _ if !self.may(Proposal::BulkMemory) => {}
            2 => self.indexed(&[addr, I32, addr], &[], &[0xfc, 0x0b], &[memory]),
            3 => self.indexed(&[addr, from, least], &[], &[0xfc, 0x0a], &[memory, other]),
            op => {
                if self.env.data_count && self.env.data > 0 || self.wrong() {
                    let data = self.index(self.env.data);
                    match op {
                        4 => self.indexed(&[addr, I32, I32], &[], &[0xfc, 0x08], &[data, memory]),
                        _ => self.indexed(&[], &[], &[0xfc, 0x09], &[data]),
                    }
                }
            }
        }
    }

    fn tables(&mut self) {
        let count = self.env.tables.len();
        if count == 0 && !self.wrong() {
            return;
        }
        let table = self.index(count);
        let at = |index: usize| self.env.tables.get(index).copied().unwrap_or((FUNC, false));
        let (element, wide) = at(table);
        let index = address(wide);
        let same = |maker: &mut Self, list: Vec<u8>| {
            let found = (0..list.len()).find(|index| list[*index] == element && maker.random.below(2) == 0);
            found.filter(|_| !maker.wrong()).or_else(|| maker.wrong().then(|| maker.index(list.len())))
        };
        match self.random.below(8) {
            op @ 0..5 if self.may(Proposal::ReferenceTypes) => match op {
                0 => self.indexed(&[index], &[element], &[0x25], &[table]),
                1 => self.indexed(&[index, element], &[], &[0x26], &[table]),
                2 => self.indexed(&[element, index], &[index], &[0xfc, 0x0f], &[table]),
                3 => self.indexed(&[], &[index], &[0xfc, 0x10], &[table]),
                _ => self.indexed(&[index, element, index], &[], &[0xfc, 0x11], &[table]),
            },
            op @ 5..8 if self.may(Proposal::BulkMemory) => match op {
                5 => {
                    if let Some(segment) = same(self, self.env.elements.clone()) {
                        self.indexed(&[index, I32, I32], &[], &[0xfc, 0x0c], &[segment, table]);
                    }
                }
                6 => {
                    if let Some(other) = same(self, self.env.tables.iter().map(|table| table.0).collect()) {
                        let from = at(other).1;
                        let types = [index, address(from), address(wide && from)];
                        self.indexed(&types, &[], &[0xfc, 0x0e], &[table, other]);
                    }
                }
                _ => {
                    if !self.env.elements.is_empty() || self.wrong() {
                        let segment = self.index(self.env.elements.len());
                        self.indexed(&[], &[], &[0xfc, 0x0d], &[segment]);
                    }
                }
            },
            _ => {}
        }
    }

    fn call(&mut self) {
        let tail = self.random.below(3) == 0 && self.may(Proposal::TailCall);
        let indirect = self.random.below(2) == 0;
        let func = self.index(self.env.funcs.len());
        let mut index = self.env.funcs.get(func).copied().unwrap_or(0);
        if indirect {
            index = self.index(self.env.types.len());
        }
        let (mut params, results) = self.env.types.get(index).cloned().unwrap_or_default();
        let fits = self.frames.first().is_some_and(|frame| frame.results == results);
        if tail && !fits && !self.wrong() {
            return;
        }
        if indirect {
            let Some(table) = self.env.tables.iter().position(|table| table.0 == FUNC) else { return };
            let table = if self.wrong() { self.index(self.env.tables.len()) } else { table };
            params.push(address(self.env.tables.get(table).is_some_and(|table| table.1)));
            self.indexed(&params, &results, &[if tail { 0x13 } else { 0x11 }], &[index]);
            // One byte, if the proposal that allows more is off.
            self.out.push(table as u8);
        } else {
            self.indexed(&params, &results, &[if tail { 0x12 } else { 0x10 }], &[func]);
        }
        if tail {
            self.unreachable();
        }
    }

    fn branch(&mut self) {
        let (depth, mut types) = self.label();
        match self.random.below(6) {
            0 => {
                self.indexed(&types, &[], &[0x0c], &[depth]);
                self.unreachable();
            }
            1 => {
                self.frames.first().map_or(vec![], |frame| frame.results.clone()).clone_into(&mut types);
                self.plain(&types, &[], &[0x0f]);
                self.unreachable();
            }
            2 => {
                let depths = |fits: &dyn Fn(&[u8]) -> bool| -> Vec<usize> {
                    let labels = self.frames.iter().rev().map(|frame| &frame.label);
                    labels.enumerate().filter(|(_, label)| fits(label)).map(|(depth, _)| depth).collect()
                };
                let fitting = depths(&|label| label == types);
                let alike = depths(&|label| label.len() == types.len());
                let mut targets = vec![depth];
                for _ in 0..self.random.below(4) {
                    targets.push(match self.wrong() {
                        false if !fitting.is_empty() => self.random.pick(&fitting),
                        _ if !alike.is_empty() && self.random.below(2) == 0 => self.random.pick(&alike),
                        _ => self.label().0,
                    });
                }
                let last = self.random.below(targets.len());
                targets.swap(0, last);
                types.push(I32);
                self.plain(&types, &[], &[0x0e]);
                self.number(targets.len() - 1);
                for target in targets {
                    self.number(target);
                }
                self.unreachable();
            }
            _ => {
                let results = types.clone();
                types.push(I32);
                self.indexed(&types, &results, &[0x0d], &[depth]);
            }
        }
    }

    fn select(&mut self) {
        let ty = self.random.pick(&self.values);
        let reference = is_reference(ty);
        if (reference || self.random.below(2) == 0) && self.may(Proposal::ReferenceTypes) {
            self.plain(&[ty, ty, I32], &[ty], &[0x1c]);
            let count = if self.wrong() { self.random.below(3) } else { 1 };
            self.out.push(count as u8);
            for _ in 0..count {
                value_type(&mut self.out, ty);
            }
        } else if !reference || self.wrong() {
            self.need(&[ty, ty, I32]);
            self.out.push(0x1b);
            self.pop(1);
            // In unreachable code, the type of the result may be unknown.
            let height = self.frames.last().map_or(0, |frame| frame.height);
            let operands = &self.stack[self.stack.len().saturating_sub(2).max(height)..];
            let known = operands.iter().any(Option::is_some);
            self.pop(2);
            self.stack.push(known.then_some(ty));
        }
    }

    fn operator(&mut self) {
        if self.frames.is_empty() {
            return;
        }
        match self.random.below(42) {
            0..8 => self.numeric(),
            8..12 => self.access(),
            12..14 => self.memories(),
            14..17 => self.tables(),
            17..20 => self.call(),
            20..23 => self.branch(),
            23..25 => self.select(),
            25..28 if self.frames.len() < 12 => self.begin(),
            28..30 if self.frames.len() > 1 => self.end(),
            30 => self.plain(&[], &[], &[0x01]),
            31 if self.random.below(4) == 0 => {
                self.out.push(0x00);
                self.unreachable();
            }
            32 => {
                let ty = self.random.pick(&self.values);
                self.plain(&[ty], &[], &[0x1a]);
            }
            33..36 if !self.locals.is_empty() => {
                let local = self.index(self.locals.len());
                let ty = self.locals.get(local).copied().unwrap_or(I32);
                let is_set = self.set.get(local).copied().unwrap_or(true);
                match self.random.below(3) {
                    0 if is_set || self.wrong() => self.indexed(&[], &[ty], &[0x20], &[local]),
                    0 | 1 => {
                        self.indexed(&[ty], &[], &[0x21], &[local]);
                        self.set_local(local);
                    }
                    _ => {
                        self.indexed(&[ty], &[ty], &[0x22], &[local]);
                        self.set_local(local);
                    }
                }
            }
            36 if !self.env.globals.is_empty() => {
                let global = self.index(self.env.globals.len());
                let (ty, mutable) = self.env.globals.get(global).copied().unwrap_or((I32, false));
                if mutable || self.wrong() {
                    self.indexed(&[ty], &[], &[0x24], &[global]);
                }
            }
            37 if self.may(Proposal::ReferenceTypes) => {
                let ty = self.random.pick(&[FUNC, EXTERN]);
                self.plain(&[ty], &[I32], &[0xd1]);
            }
            38 | 39 => self.references(),
            _ => {
                let ty = self.random.pick(&self.values);
                self.produce(ty);
            }
        }
    }
}
