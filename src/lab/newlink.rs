//! Links of every kind (`ip link add`): made, named, addressed and brought up in one deed, or nothing of it left.

use super::link::{already_there, no_own_address};
use super::veth::End;
use super::{Link, Netns, wireguard};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::kernel::field::{Setting, Value};
use crate::kernel::link::kind::Peer;
use crate::kernel::link::{self, Change, Kind, Mac, New};
use crate::kernel::tun::{self, Tun};
use crate::name::IfName;
use ipnet::IpNet;

/// A link that is to be made.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Its name.
    pub name: IfName,
    /// Its kind.
    pub kind: &'static Kind,
    /// The kind's own settings.
    pub settings: Vec<Setting>,
    /// The link that it sits on.
    pub link: Option<Link>,
    /// The namespace in which it is born.
    pub netns: Netns,
    /// MTU in bytes.
    pub mtu: Option<u32>,
    /// Hardware address.
    pub mac: Option<Mac>,
    /// Length of the transmit queue in packets.
    pub txqueuelen: Option<u32>,
    /// Group.
    pub group: Option<u32>,
    /// What is changed as soon as it is there: description, flags.
    pub after: Change,
    /// Other names.
    pub altnames: Vec<String>,
    /// The bridge, bond or VRF that it joins.
    pub master: Option<Link>,
    /// The links that join it.
    pub members: Vec<Link>,
    /// The other end (netkit).
    pub peer: Option<End>,
    /// Addresses that it gets.
    pub addrs: Vec<IpNet>,
    /// Keys and peers (wireguard).
    pub wireguard: Option<wireguard::Change>,
    /// Whether it is set up.
    pub up: bool,
}

impl NewLink {
    /// Makes the description of a link with nothing but a name, a kind and a place.
    pub fn new(name: IfName, kind: &'static Kind, netns: Netns) -> NewLink {
        NewLink {
            name,
            kind,
            settings: Vec::new(),
            link: None,
            netns,
            mtu: None,
            mac: None,
            txqueuelen: None,
            group: None,
            after: Change::default(),
            altnames: Vec::new(),
            master: None,
            members: Vec::new(),
            peer: None,
            addrs: Vec::new(),
            wireguard: None,
            up: false,
        }
    }

    fn is_tun(&self) -> bool {
        matches!(self.kind.name, "tun" | "tap")
    }

    /// Whether it can be born up: not before its members are there, or its keys.
    fn born_up(&self) -> bool {
        self.up && self.members.is_empty() && self.wireguard.is_none()
    }

    /// The settings that the link is born with, and those that speak of members, which join later.
    pub fn settings(&self) -> (Vec<Setting>, Vec<Setting>) {
        self.settings.iter().cloned().partition(|(field, _)| !matches!(field.name, "primary" | "active_slave"))
    }

    fn on(&self, name: &str) -> bool {
        self.settings.iter().any(|(field, value)| field.name == name && *value == Value::On(true))
    }
}

impl Netns {
    /// Makes a link. What it sits on, and the network that a tunnel goes through, is that of this namespace; the link itself is born where
    /// its description says.
    ///
    /// # Errors
    ///
    /// `exists`, `bad-argument`; `unsupported` when the kernel lacks the kind, with what does the same. Nothing of the link is left.
    pub fn add_link(&self, new: &NewLink) -> Result<Link> {
        let subject = || format!("{} link `{}`", new.kind.name, new.name);
        if let Some(master) = new.master.as_ref().filter(|master| master.netns() != new.netns) {
            let cause = format!("its master `{}` is in netns `{}`", master.name(), master.netns().name());
            return Err(Error::new(ErrorKind::BadArgument, "add", subject(), cause).in_netns(new.netns.name()));
        }
        if new.kind.on_link && new.link.is_none() {
            let error = Error::new(ErrorKind::BadArgument, "add", subject(), "it is not said on which link it sits").in_netns(self.name());
            return Err(error.hint("add #{ link: \"eth0\" }"));
        }
        let made = match new.is_tun() {
            true => self.add_tun(new).map_err(|error| self.explain_new(error, new))?,
            false => {
                let (entry, chosen) = new.netns.note_link(new.name.as_str())?;
                let made = self.add_any(new, chosen);
                made.map_err(|error| new.netns.not_made(entry, self.explain_new(error, new), new.name.as_str()))?
            }
        };
        complete(&made, new).inspect_err(|_| {
            let _ = made.del();
        })?;
        Ok(made)
    }

    fn add_any(&self, new: &NewLink, index: Option<u32>) -> Result<Link> {
        let elsewhere = (new.netns != *self).then(|| new.netns.kernel()).transpose()?;
        let message = New {
            name: new.name.clone(),
            index,
            kind: new.kind,
            settings: new.settings().0,
            link: new.link.as_ref().map(Link::index),
            netns: elsewhere,
            mtu: new.mtu,
            mac: new.mac,
            txqueuelen: new.txqueuelen,
            group: new.group,
            master: new.master.as_ref().map(Link::index),
            peer: new.peer.as_ref().map(peer).transpose()?,
            up: new.born_up(),
        };
        let subject = || format!("{} link `{}`", new.kind.name, new.name);
        let index = self.ask("add", subject, async |socket| link::kind::add(socket, &message).await)?;
        // Told only to the namespace in which it was born.
        match index.filter(|_| message.netns.is_none()) {
            Some(index) => Ok(Link::new(new.netns.clone(), index, new.name.as_str().to_string())),
            None => new.netns.link(new.name.as_str()),
        }
    }

    fn add_tun(&self, new: &NewLink) -> Result<Link> {
        let subject = format!("{} link `{}`", new.kind.name, new.name);
        let how = Tun {
            tap: new.kind.name == "tap",
            pi: new.on("pi"),
            multi_queue: new.on("multi_queue"),
            vnet_hdr: new.on("vnet_hdr"),
            ..Tun::default()
        };
        let ledger = self.lab().ledger();
        let note = ledger.link_noter(&new.netns, new.name.as_str())?;
        let made = tun::add(&new.netns.kernel()?, &new.name, how, note)
            .map_err(|failure| failure.doing("add", subject).in_netns(new.netns.name()));
        made.inspect_err(|_| ledger.abandon_link(&new.netns))?;
        let made = new.netns.link(new.name.as_str())?;
        ledger.enter_link(&new.netns, made.index(), new.name.as_str());
        Ok(made)
    }

    fn explain_new(&self, error: Error, new: &NewLink) -> Error {
        let kind = new.kind;
        match (error.errno(), error.kernel()) {
            (Some("EOPNOTSUPP"), Some("Unknown device type")) => {
                let error = error.because(format!("this kernel has no {} devices", kind.called));
                error.maybe_hint(kind.instead.map(str::to_string))
            }
            (Some("ENOENT" | "ENODEV"), _) if new.is_tun() => error.because("this machine has no /dev/net/tun"),
            (Some("EOPNOTSUPP"), _) if kind.name == "bridge" && new.settings.iter().any(|(field, _)| field.name.starts_with("vlan")) => {
                error.because("this kernel's bridges have no VLAN filtering").hint("one bridge for each LAN keeps hosts apart as well")
            }
            (Some("EADDRNOTAVAIL"), _) if new.mac.is_some() => no_own_address(error),
            (Some("ERANGE"), _) if kind.name == "bridge" => forward_delay(error),
            (Some("EOPNOTSUPP"), _) => error.because("this kernel lacks one of the settings"),
            (Some("EEXIST"), _) if kind.name == "vxlan" => {
                let taken = new.netns.links().is_ok_and(|links| links.iter().any(|link| link.name() == new.name.as_str()));
                match taken {
                    true => already_there(error, new.name.as_str()),
                    false => error.because("another VXLAN link of this namespace has that id and port"),
                }
            }
            (Some("EBUSY"), _) if new.is_tun() => error.because(format!("a link named `{}` exists already", new.name)),
            (Some("EBUSY"), _) if kind.on_link => error.because("the link below already carries links of another kind"),
            (Some("EEXIST"), _) => match &new.peer {
                Some(end) if end.netns.link(end.name.as_str()).is_ok() => {
                    error.because(format!("netns `{}` already has a link named `{}`", end.netns.name(), end.name))
                }
                _ => already_there(error, new.name.as_str()),
            },
            _ => error,
        }
    }
}

fn forward_delay(error: Error) -> Error {
    error.because("with STP on, forward_delay is 2s to 30s")
}

fn peer(end: &End) -> Result<Peer> {
    Ok(Peer { name: end.name.clone(), netns: Some(end.netns.kernel()?), mtu: end.mtu, mac: end.mac })
}

/// Does what the kernel does not do while it makes a link.
fn complete(made: &Link, new: &NewLink) -> Result<()> {
    let mut change = new.after.clone();
    if new.is_tun() {
        change = Change { mtu: new.mtu, mac: new.mac, txqueuelen: new.txqueuelen, group: new.group, ..change };
        change.master = new.master.as_ref().map(Link::index);
    }
    if !change.is_empty() {
        made.set(&change)?;
    }
    for name in &new.altnames {
        made.altname(name, true)?;
    }
    if let Some(change) = &new.wireguard {
        made.set_wireguard(change)?;
    }
    let mut downed = Vec::new();
    join(made, new, &mut downed).inspect_err(|_| {
        for member in downed {
            let _ = member.up();
        }
    })?;
    for net in &new.addrs {
        made.add_addr(*net, &Default::default())?;
    }
    if new.up && (new.is_tun() || !new.born_up()) {
        made.up()?;
    }
    let Some(end) = &new.peer else { return Ok(()) };
    let peer = end.netns.link(end.name.as_str())?;
    if let Some(master) = &end.master {
        peer.master(master)?;
    }
    for net in &end.addrs {
        peer.add_addr(*net, &Default::default())?;
    }
    if end.up { peer.up() } else { Ok(()) }
}

/// Takes the members in; a bond takes only what is down.
fn join(made: &Link, new: &NewLink, downed: &mut Vec<Link>) -> Result<()> {
    for member in &new.members {
        if new.kind.name == "bond" && member.state()?.is_up() {
            member.down()?;
            downed.push(member.clone());
        }
        member.master(made)?;
    }
    let (_, of_members) = new.settings();
    if of_members.is_empty() { Ok(()) } else { made.set_kind(new.kind, &of_members) }
}

impl Link {
    /// Changes the settings of its kind (`ip link set … type KIND …`).
    pub fn set_kind(&self, kind: &'static Kind, settings: &[Setting]) -> Result<()> {
        let index = self.index();
        let subject = || format!("`{}`", self.name());
        let set = || self.netns().ask("set link", subject, async |socket| link::kind::set(socket, index, kind, settings).await);
        self.carefully(set).map_err(|error| match error.errno() {
            Some("ERANGE") if kind.name == "bridge" => forward_delay(error),
            Some("EOPNOTSUPP") if kind.name == "bridge" && settings.iter().any(|(field, _)| field.name.starts_with("vlan")) => {
                error.because("this kernel's bridges have no VLAN filtering").hint("one bridge for each LAN keeps hosts apart as well")
            }
            Some("EOPNOTSUPP") => error.because(format!("a {} link cannot be changed so once it is there", kind.name)),
            _ => error,
        })
    }

    /// Changes the settings of a bridge's port (`bridge link set`).
    ///
    /// # Errors
    ///
    /// `bad-argument` when it is no port of a bridge.
    pub fn set_port(&self, settings: &[Setting]) -> Result<()> {
        let index = self.index();
        let subject = || format!("`{}`", self.name());
        let set = self
            .carefully(|| self.netns().ask("set bridge port", subject, async |socket| link::kind::set_port(socket, index, settings).await));
        set.map_err(|error| match error.errno() {
            Some("EINVAL" | "EOPNOTSUPP") if self.state().is_ok_and(|state| state.port.is_none()) => {
                error.of_kind(ErrorKind::BadArgument).because(format!("`{}` is no port of a bridge", self.name()))
            }
            Some("EBUSY") => error.because("while STP is on, or the port is down, the bridge sets the state itself"),
            _ => error,
        })
    }

    /// Adds or removes another name.
    ///
    /// # Errors
    ///
    /// `exists`, `not-found`, `bad-name`.
    pub fn altname(&self, name: &str, add: bool) -> Result<()> {
        let index = self.index();
        let doing = if add { "add altname" } else { "delete altname" };
        let subject = || format!("`{name}` of link `{}`", self.name());
        let set = || self.netns().ask(doing, subject, async |socket| link::kind::altname(socket, index, name, add).await);
        self.carefully(set).map_err(|error| match error.errno() {
            Some("EEXIST") => error.because("a link of this namespace has that name already"),
            Some("ENOENT" | "EINVAL") if !add => error.because("it has no such alternative name"),
            Some("ERANGE") => error.because("an alternative name has at most 127 bytes"),
            _ => error,
        })
    }

    /// Returns the settings of its kind, and those of its place in a bridge; links by name.
    pub fn info(&self) -> Result<(Vec<Setting>, Vec<Setting>)> {
        let (netns, index) = (self.netns(), self.index());
        let (mut own, port) =
            netns.ask("read link", || format!("`{}`", self.name()), async |socket| link::kind::info(socket, index).await)?;
        if own.iter().any(|(_, value)| matches!(value, Value::Device(..))) {
            let links = netns.link_states()?;
            for (_, value) in &mut own {
                if let Value::Device(index, name) = value {
                    *name = links.iter().find(|link| link.index == *index).map_or_else(|| format!("if{index}"), |link| link.name.clone());
                }
            }
        }
        Ok((own, port))
    }
}
