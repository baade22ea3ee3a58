//! Quotes and bookings.

use super::jobs::on_account;
use super::{Body, Failed, Shared};
use crate::peer::Peer;
use crate::run::problem;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use rota_api::{AskQuote, Book, BookingRow, Bookings, Quoted, Unbooked};
use rota_core::cluster::{Booking, Cluster};
use rota_core::event::Event;
use rota_core::quote::quote as cost_of;
use rota_core::request::{Request, Wish};
use rota_core::units::Time;
use std::sync::Arc;

type Answer<T> = Result<Json<T>, Failed>;

/// `POST /v1/quote`
pub async fn quote(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(asked): Body<AskQuote>,
) -> Answer<Quoted> {
    let asker = on_account(&shared, &peer, asked.account)?;
    let look = shared.look().await?;
    let (cluster, now) = (look.cluster.clone(), look.now);
    let made = tokio::task::spawn_blocking(move || {
        cost_of(&cluster, &asker, &asked.spec, asked.tasks.unwrap_or(1), now)
    });
    let made = made.await.map_err(|_| Failed::internal("the quote could not be made"))?;
    let (simulated, unit) = (shared.simulated, look.cluster.policy.unit.clone());
    Ok(Json(Quoted { now, simulated, unit, quote: made.map_err(problem)? }))
}

/// `GET /v1/bookings`
pub async fn list(State(shared): State<Arc<Shared>>) -> Answer<Bookings> {
    let look = shared.look().await?;
    let c = &look.cluster;
    let mut bookings: Vec<BookingRow> = c.bookings.iter().map(|(n, b)| row(c, *n, b)).collect();
    bookings.sort_by_key(|row| (row.from, row.number));
    Ok(Json(Bookings { now: look.now, simulated: shared.simulated, bookings }))
}

fn row(c: &Cluster, number: u64, booking: &Booking) -> BookingRow {
    let account = c.accounts.account(booking.owner);
    let name = |node| c.nodes.get(node).map_or_else(String::new, |n| n.node.name.clone());
    let gpus = booking.parts.iter().map(|part| (name(&part.node), part.gpus.into()));
    BookingRow {
        number,
        person: account.person.into(),
        lab: account.lab.into(),
        grant: account.grant.into(),
        pool: booking.claim.pool.clone(),
        gpus: gpus.collect(),
        from: booking.claim.when.from.unwrap_or_default(),
        until: booking.claim.when.until.unwrap_or(Time::FAR),
        begun: booking.begun,
        cost: booking.paid / 1000,
        why: booking.claim.why.clone(),
    }
}

/// `POST /v1/bookings`
pub async fn book(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Body(book): Body<Book>,
) -> Answer<BookingRow> {
    let asker = on_account(&shared, &peer, book.account)?;
    let now = shared.look().await?.now;
    let wish = Wish {
        gpus: book.gpus,
        pool: book.pool,
        models: book.models,
        from: book.from.unwrap_or(now),
        length: book.length,
        why: book.why,
    };
    let events = shared.ask_as(asker, Request::Book(wish), None).await?;
    let Some(Event::Booked { number, .. }) = events.first() else {
        return Err(Failed::internal("nothing was booked"));
    };
    let look = shared.look().await?;
    let booked = look.cluster.bookings.get(number).map(|b| row(&look.cluster, *number, b));
    booked.map(Json).ok_or_else(|| Failed::internal("the booking is over already"))
}

/// `POST /v1/bookings/{number}/unbook`
pub async fn unbook(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    Path(number): Path<String>,
) -> Answer<Unbooked> {
    let number = number.parse().map_err(|_| Failed::bad("a booking is a number, such as 3"))?;
    match shared.ask(&peer, Request::Unbook(number), None).await?.first() {
        Some(Event::Unbooked { refund, .. }) => Ok(Json(Unbooked { refund: refund / 1000 })),
        _ => Err(Failed::internal("nothing was given back")),
    }
}
