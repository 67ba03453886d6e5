//! Follows the linkage of frames to tell which calls were under way.

use alloc::vec::Vec;

use crate::{
    error::backtrace::{FrameInfo, WasmBacktrace},
    exec::{dispatch::stubs, machine::Context, stack::Stack},
    module::data::FuncName,
    runtime::{code::FuncEntry, instance::InstanceInst},
};

/// Adds the calls of the invocation that was just left to `backtrace`, innermost first.
///
/// # Safety
///
/// I8: the machine was left, its frames are still on `stack`, and `context` holds the registers.
pub(crate) unsafe fn collect(backtrace: &mut WasmBacktrace, context: &Context, stack: &Stack, portable: bool) {
    let stubs = stubs(portable);
    let mut instance: *const InstanceInst = context.instance;
    let (mut ip, mut fp) = (context.ip, context.fp);
    let mut switches = stack.switches.iter().rev();
    // Functions of one instance in succession, to be named together.
    let mut run: Vec<FuncName> = Vec::new();
    let mut room = backtrace.room();
    loop {
        // SAFETY: I6: instances live as long as the store.
        let code = unsafe { &(*instance).code };
        let mut finish = |run: &mut Vec<_>, truncated| {
            code.data.name_funcs(run);
            backtrace.extend(run.drain(..).map(|(index, name)| FrameInfo::new(index, name)), truncated);
        };
        let func = if ip == stubs.translate {
            // The function could not be made ready; its entry travels in the accumulator.
            // SAFETY: I4.
            Some(unsafe { (*(context.acc as *const FuncEntry)).index })
        } else {
            code.func_at(ip)
        };
        let Some(func) = func else { return finish(&mut run, false) };
        if room == 0 {
            return finish(&mut run, true);
        }
        room -= 1;
        let header = &code.data.header;
        let index = func + header.imported_funcs;
        run.push((index, None));
        let link = header.func_type(index).signature().link();
        // SAFETY: I3: a frame holds its linkage there.
        let (ret, caller) = unsafe { (*fp.add(link) as *const u8, *fp.add(link + 1) as *mut u64) };
        if ret == stubs.halt {
            return finish(&mut run, false);
        }
        ip = ret;
        if ret == stubs.restore {
            finish(&mut run, false);
            let Some(switch) = switches.next() else { return };
            ip = switch.ip;
            instance = switch.instance;
        }
        // What follows a call may already be another function.
        ip = ip.wrapping_sub(1);
        fp = caller;
    }
}
