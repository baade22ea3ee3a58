//! Tests of the program as people meet it.

mod begin;
mod disk;
mod forecast;
mod gpus;
mod health;
mod idle;
mod journey;
mod late;
mod mps;
mod offers;
mod page;
mod parts;
mod people;
mod place;
mod policy;
mod progress;
mod replay;
mod reports;
mod requests;
mod rotation;
mod screens;
mod shell;
mod signals;
mod slices;
mod top;
mod whatif;
