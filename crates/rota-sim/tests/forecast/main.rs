//! What a forecast promises.

mod choices;
mod determined;
mod leaving;
mod past;
mod windows;
