//! Who is asking: what the kernel says of the other end of the socket. No accounts, no passwords.

use nix::unistd::{Gid, Group, Uid, User as Account, getgrouplist};
use rota_api::Mode;
use rota_core::launch::User;
use rota_core::request::Asker;
use std::ffi::CString;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its Unix account.
    pub user: User,
    /// Its lab: the primary group.
    pub lab: String,
    /// May act on everyone's jobs.
    pub admin: bool,
    /// May use this server at all.
    pub welcome: bool,
}

impl Peer {
    /// The account behind a uid and gid of SO_PEERCRED.
    pub fn of(uid: u32, gid: u32, mode: Mode) -> Peer {
        let own = nix::unistd::geteuid().as_raw() == uid;
        let account = Account::from_uid(Uid::from_raw(uid)).ok().flatten();
        let name = account.as_ref().map_or_else(|| format!("uid-{uid}"), |a| a.name.clone());
        let gid = account.as_ref().map_or(gid, |a| a.gid.as_raw());
        let lab = Group::from_gid(Gid::from_raw(gid)).ok().flatten();
        let groups = CString::new(name.clone())
            .ok()
            .and_then(|n| getgrouplist(&n, Gid::from_raw(gid)).ok())
            .unwrap_or_else(|| vec![Gid::from_raw(gid)]);
        let user = User {
            name,
            uid,
            gid,
            groups: groups.into_iter().map(Gid::as_raw).collect(),
            home: account.as_ref().map_or_else(|| "/".into(), |a| a.dir.display().to_string()),
            shell: account
                .as_ref()
                .map_or_else(|| "/bin/sh".into(), |a| a.shell.display().to_string()),
        };
        let lab = lab.map_or_else(|| format!("gid-{gid}"), |g| g.name);
        Peer { user, lab, admin: uid == 0 || own, welcome: own || uid == 0 || mode == Mode::System }
    }

    /// Whether it belongs to a Unix group.
    pub fn is_member(&self, group: &str) -> bool {
        let gid = Group::from_name(group).ok().flatten().map(|g| g.gid.as_raw());
        group == self.lab || gid.is_some_and(|gid| self.user.groups.contains(&gid))
    }

    /// The peer as the core knows it.
    pub fn asker(&self) -> Asker {
        Asker {
            person: self.user.name.clone(),
            lab: self.lab.clone(),
            grant: String::new(),
            admin: self.admin,
        }
    }
}
