//! Programs that nobody here wrote, and what they have to print.
//!
//! All are in one test binary, which makes it one to link. What each has to print was seen where another runtime ran
//! it, or says so itself.

mod avr;
mod cpython;
mod flite;
mod javascript;
mod packages;
mod quickjs;
mod resvg;
mod translation;
