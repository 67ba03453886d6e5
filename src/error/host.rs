//! Errors that host functions return.

use alloc::boxed::Box;
use core::{any::Any, fmt};

/// An error type of the embedder, for host functions to return.
pub trait HostError: 'static + fmt::Display + fmt::Debug + Any + Send + Sync {}

impl dyn HostError {
    /// Returns whether the error is of type `T`.
    #[must_use]
    pub fn is<T: HostError>(&self) -> bool {
        let error: &dyn Any = self;
        error.is::<T>()
    }

    /// Returns the error as a `T`, if it is one.
    #[must_use]
    pub fn downcast_ref<T: HostError>(&self) -> Option<&T> {
        let error: &dyn Any = self;
        error.downcast_ref()
    }

    /// Returns the error as a `T`, if it is one.
    pub fn downcast_mut<T: HostError>(&mut self) -> Option<&mut T> {
        let error: &mut dyn Any = self;
        error.downcast_mut()
    }

    /// Converts the error to a `T`.
    ///
    /// # Errors
    ///
    /// The error itself, unchanged, if it is of another type.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn downcast<T: HostError>(self: Box<Self>) -> Result<Box<T>, Box<Self>> {
        if !self.is::<T>() {
            return Err(self);
        }
        let error: Box<dyn Any> = self;
        Ok(error.downcast().expect("the type was tested just above"))
    }
}
