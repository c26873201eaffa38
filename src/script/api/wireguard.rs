//! `wireguard::…` for keys, and `link.wireguard`: what a WireGuard link and its peers are told (`wg`).

use super::super::catalogue::{Key as OptionKey, Options, key};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use super::rule::mark;
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::lab::wait::parse_span;
use crate::lab::wireguard::{self, Change, Key, Peer, PeerChange, parse_key};
use crate::lab::{Link, Netns};
use rhai::Array;
use std::time::{Duration, SystemTime};

/// The WireGuard side of a link.
#[derive(Clone)]
pub(crate) struct WireGuard(Link);
script_types! { WireGuard = "WireGuard", Peer = "WgPeer" }
returned!(WireGuard, Peer);

const SET: Options = Options {
    keys: &[
        key("private_key", "string", "private key in base64, from wireguard::genkey()"),
        key("listen_port", "int", "UDP port; 0 for one that the kernel chooses"),
        key("fwmark", "int|string", "firewall mark of the outer packets; 0 for none"),
    ],
};

const ENDPOINT: OptionKey = key("endpoint", "string", "where it is, as in \"192.0.2.1:51820\" or \"blue:51820\"");
const ALLOWED_IPS: OptionKey = key("allowed_ips", "string|array", "the networks behind it, in place of those that it has");
const KEEPALIVE: OptionKey = key("keepalive", "string", "how often an empty packet keeps the way open, 1s to 65535s; 0s for never");
const PRESHARED_KEY: OptionKey = key("preshared_key", "string", "a key that both sides have, from wireguard::genpsk()");

const PEER: Options = Options { keys: &[ENDPOINT, ALLOWED_IPS, KEEPALIVE, PRESHARED_KEY] };

/// A peer as `link::add` takes it, with its key beside the other options.
pub(super) const NEW_PEER: Options =
    Options { keys: &[key("public_key", "string", "its public key in base64"), ENDPOINT, ALLOWED_IPS, KEEPALIVE, PRESHARED_KEY] };

/// The keys that `link::add` takes for a WireGuard link.
pub(super) const KEYS: [&str; 4] = ["private_key", "listen_port", "fwmark", "peers"];

fn read_key(opts: &Opts, name: &'static str) -> Result<Option<Key>> {
    opts.string(name)?.map(|text| parse_key(&text)).transpose()
}

fn device(opts: &Opts) -> Result<Change> {
    let fwmark = opts
        .text("fwmark")
        .map(|text| mark(&text).ok_or_else(|| opts.unfit("fwmark", format!("it takes a number, as in 7 or \"0x7\", not {text}"))));
    Ok(Change {
        private_key: read_key(opts, "private_key")?,
        listen_port: opts.number("listen_port", 0..=65535)?,
        fwmark: fwmark.transpose()?,
        ..Change::default()
    })
}

/// Reads what a new link is told.
pub(super) fn new_device(netns: &Netns, opts: &Opts) -> Result<Change> {
    let mut change = device(opts)?;
    for opts in opts.maps("peers", &NEW_PEER)? {
        let Some(public) = read_key(&opts, "public_key")? else {
            return Err(Error::new(Kind::BadArgument, "use option", "`peers`", "a peer needs its `public_key`"));
        };
        change.peers.push(peer(netns, public, &opts)?);
    }
    Ok(change)
}

fn peer(netns: &Netns, public_key: Key, opts: &Opts) -> Result<PeerChange> {
    let keepalive = opts.duration("keepalive")?;
    if let Some(every) = keepalive.filter(|every| every.subsec_nanos() != 0 || every.as_secs() > 65535) {
        let cause = format!("it takes whole seconds up to 65535s, not {}", crate::lab::wait::span(every));
        return Err(opts.unfit("keepalive", cause));
    }
    let allowed_ips = opts.any("allowed_ips").map(|value| {
        let list = value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value]);
        let read = |item: rhai::Dynamic| match item.into_string() {
            Ok(text) => reading::destination(&text, false),
            Err(got) => Err(opts.unfit("allowed_ips", format!("it takes a network or a list of them, not {got}"))),
        };
        list.into_iter().map(read).collect::<Result<Vec<_>>>()
    });
    Ok(PeerChange {
        public_key,
        preshared_key: read_key(opts, "preshared_key")?,
        endpoint: opts.string("endpoint")?.map(|text| netns.endpoint(&text)).transpose()?,
        keepalive,
        allowed_ips: allowed_ips.transpose()?,
        remove: false,
    })
}

fn change(this: &WireGuard, call: &Call, change: &Change) -> Result<WireGuard> {
    for line in sentence::wireguard_set(&this.0, change) {
        call.step(|| line);
    }
    this.0.set_wireguard(change)?;
    Ok(this.clone())
}

fn ago(at: SystemTime) -> f64 {
    at.elapsed().map_or(0.0, |since| (since.as_secs_f64() * 1e3).round())
}

pub(super) fn register(registry: &mut Registry) {
    printable::<WireGuard>(registry, |this| match this.0.wireguard() {
        Ok(device) => wireguard::show(&this.0.name(), &device),
        Err(error) => error.to_string(),
    });
    printable::<Peer>(registry, |peer| {
        let nets: Vec<String> = peer.allowed_ips.iter().map(ToString::to_string).collect();
        format!("{} {}", peer.public_key, nets.join(","))
    });
    words!(registry, Session, [function_in "wireguard"];
        /// Makes a private key, as `wg genkey`. No program is run.
        ///
        /// ```rhai
        /// let key = wireguard::genkey();
        /// expect(key.len() == 44 && key != wireguard::genkey());
        /// ```
        fn genkey(session, call) -> String { Ok(Key::generate().to_string()) }

        /// Makes a preshared key, as `wg genpsk`.
        ///
        /// ```rhai
        /// expect(wireguard::genpsk().len() == 44);
        /// ```
        fn genpsk(session, call) -> String { Ok(Key::preshared().to_string()) }

        /// Returns the public key of a private one, as `wg pubkey`.
        ///
        /// Errors: `bad-argument` for what is no key.
        ///
        /// ```rhai
        /// let key = wireguard::genkey();
        /// expect(wireguard::pubkey(key) == wireguard::pubkey(key));
        /// expect_error(|| wireguard::pubkey("abc"), "44 characters");
        /// ```
        fn pubkey(session, call, private_key: &str) -> String { Ok(parse_key(private_key)?.public().to_string()) }
    );
    words!(registry, WireGuard, [method];
        /// Changes a WireGuard link, as `wg set`.
        ///
        /// Errors: `bad-argument`; `exists` when the UDP port is taken.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard").wireguard;
        ///     wg.set(#{ private_key: wireguard::genkey(), listen_port: 51820, fwmark: "0x10" });
        ///     expect(wg.listen_port == 51820 && wg.fwmark == 16);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn set(this, call; opts: SET) -> WireGuard { change(this, call, &device(&opts)?) }

        /// Adds a peer by its public key, or changes the one that is there, as `wg set DEV peer KEY …`. Options that are not given stay
        /// as they are.
        ///
        /// Errors: `bad-argument`; `not-found` for a name in `endpoint` that nobody knows.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: wireguard::genkey() }).wireguard;
        ///     let other = wireguard::pubkey(wireguard::genkey());
        ///     wg.peer_add(other, #{ endpoint: "192.0.2.2:51820", allowed_ips: ["10.0.0.2/32"], keepalive: "25s" });
        ///     expect(wg.peers[0].allowed_ips == ["10.0.0.2/32"] && wg.peers[0].keepalive == 25000.0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn peer_add(this, call, public_key: &str; opts: PEER) -> WireGuard {
            let peer = peer(&this.0.netns(), parse_key(public_key)?, &opts)?;
            change(this, call, &Change { peers: vec![peer], ..Change::default() })
        }

        /// Takes a peer away. One that is not there is no error, as with `wg set DEV peer KEY remove`.
        ///
        /// Errors: `bad-argument` for what is no key.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: wireguard::genkey() }).wireguard;
        ///     let other = wireguard::pubkey(wireguard::genkey());
        ///     wg.peer_add(other).peer_del(other);
        ///     expect(wg.peers.is_empty());
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn peer_del(this, call, public_key: &str) -> WireGuard {
            let peer = PeerChange { public_key: parse_key(public_key)?, remove: true, ..PeerChange::default() };
            change(this, call, &Change { peers: vec![peer], ..Change::default() })
        }

        /// Takes all peers away.
        ///
        /// Errors: `bad-argument` for a link of another kind.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: wireguard::genkey() }).wireguard;
        ///     wg.peer_add(wireguard::pubkey(wireguard::genkey())).flush();
        ///     expect(wg.peers.is_empty());
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn flush(this, call) -> WireGuard { change(this, call, &Change { replace_peers: true, ..Change::default() }) }

        /// Waits until there was a handshake with every peer, at most five seconds.
        ///
        /// Errors: `timeout`, with the peers that there was none with.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: wireguard::genkey() }).wireguard;
        ///     wg.wait_handshake(); // nobody to wait for
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn wait_handshake(this, call) -> WireGuard {
            this.0.wait_handshake(None, Duration::from_secs(5))?;
            Ok(this.clone())
        }

        /// Waits until there was a handshake with every peer.
        ///
        /// Errors: `timeout`, with the peers that there was none with.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: wireguard::genkey() }).wireguard;
        ///     wg.peer_add(wireguard::pubkey(wireguard::genkey()));
        ///     expect_error(|| wg.wait_handshake("10ms"), "timeout");
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn wait_handshake(this, call, within: &str) -> WireGuard {
            this.0.wait_handshake(None, parse_span(within)?)?;
            Ok(this.clone())
        }
    );
    register_properties(registry);
}

fn register_properties(registry: &mut Registry) {
    properties!(registry, Link;
        /// The WireGuard side of a link of that kind: its keys and peers. Printed, it reads as `wg show`.
        ///
        /// Errors: at each question `bad-argument`, if it is a link of another kind.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: wireguard::genkey(), listen_port: 51820 });
        ///     print(wg.wireguard);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn wireguard(link, call) -> WireGuard { Ok(WireGuard(link.clone())) }
    );
    properties!(registry, WireGuard;
        /// Its public key, or `()` while it has no private one.
        ///
        /// ```rhai
        /// let key = wireguard::genkey();
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ private_key: key });
        ///     expect(wg.wireguard.public_key == wireguard::pubkey(key));
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn public_key(this, call) -> Option<String> { Ok(this.0.wireguard()?.public_key.map(|key| key.to_string())) }

        /// Its private key, or `()`.
        ///
        /// ```rhai
        /// try {
        ///     expect(link::add("wg0", "wireguard").wireguard.private_key == ());
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn private_key(this, call) -> Option<String> { Ok(this.0.wireguard()?.private_key.map(|key| key.to_string())) }

        /// Its UDP port; 0 while it is down and none was chosen.
        ///
        /// ```rhai
        /// try {
        ///     expect(link::add("wg0", "wireguard", #{ listen_port: 4500 }).wireguard.listen_port == 4500);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn listen_port(this, call) -> i64 { Ok(i64::from(this.0.wireguard()?.listen_port)) }

        /// The firewall mark of its outer packets; 0 for none.
        ///
        /// ```rhai
        /// try {
        ///     expect(link::add("wg0", "wireguard", #{ fwmark: 7 }).wireguard.fwmark == 7);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn fwmark(this, call) -> i64 { Ok(i64::from(this.0.wireguard()?.fwmark)) }

        /// Its peers, as they are now.
        ///
        /// ```rhai
        /// let other = wireguard::pubkey(wireguard::genkey());
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [#{ public_key: other, allowed_ips: "10.0.0.2" }] });
        ///     expect(wg.wireguard.peers.map(|p| p.public_key) == [other]);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn peers(this, call) -> Vec<Peer> { Ok(this.0.wireguard()?.peers) }
    );
    properties!(registry, Peer;
        /// Its public key.
        ///
        /// ```rhai
        /// let other = wireguard::pubkey(wireguard::genkey());
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [#{ public_key: other }] });
        ///     expect(wg.wireguard.peers[0].public_key == other);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn public_key(peer, call) -> String { Ok(peer.public_key.to_string()) }

        /// The preshared key, or `()`.
        ///
        /// ```rhai
        /// let peer = #{ public_key: wireguard::pubkey(wireguard::genkey()), preshared_key: wireguard::genpsk() };
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [peer] });
        ///     expect(wg.wireguard.peers[0].preshared_key == peer.preshared_key);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn preshared_key(peer, call) -> Option<String> { Ok(peer.preshared_key.map(|key| key.to_string())) }

        /// Where it is, as address and port, or `()` while that is not known.
        ///
        /// ```rhai
        /// let peer = #{ public_key: wireguard::pubkey(wireguard::genkey()), endpoint: "[2001:db8::1]:51820" };
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [peer] });
        ///     expect(wg.wireguard.peers[0].endpoint == "[2001:db8::1]:51820");
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn endpoint(peer, call) -> Option<String> { Ok(peer.endpoint.map(|at| at.to_string())) }

        /// The networks behind it.
        ///
        /// ```rhai
        /// let peer = #{ public_key: wireguard::pubkey(wireguard::genkey()), allowed_ips: ["10.0.0.0/24", "2001:db8::/64"] };
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [peer] });
        ///     expect(wg.wireguard.peers[0].allowed_ips == ["10.0.0.0/24", "2001:db8::/64"]);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn allowed_ips(peer, call) -> Vec<String> { Ok(peer.allowed_ips.iter().map(ToString::to_string).collect()) }

        /// How often an empty packet keeps the way open, in ms; 0 for never.
        ///
        /// ```rhai
        /// let peer = #{ public_key: wireguard::pubkey(wireguard::genkey()), keepalive: "25s" };
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [peer] });
        ///     expect(wg.wireguard.peers[0].keepalive == 25000.0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn keepalive(peer, call) -> f64 { Ok(peer.keepalive.as_secs_f64() * 1e3) }

        /// How long ago the last handshake was, in ms, or `()` if there was none.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [#{ public_key: wireguard::pubkey(wireguard::genkey()) }] });
        ///     expect(wg.wireguard.peers[0].handshake == ());
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn handshake(peer, call) -> Option<f64> { Ok(peer.handshake.map(ago)) }

        /// Bytes received from it.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [#{ public_key: wireguard::pubkey(wireguard::genkey()) }] });
        ///     expect(wg.wireguard.peers[0].rx_bytes == 0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn rx_bytes(peer, call) -> i64 { Ok(peer.rx.cast_signed()) }

        /// Bytes sent to it.
        ///
        /// ```rhai
        /// try {
        ///     let wg = link::add("wg0", "wireguard", #{ peers: [#{ public_key: wireguard::pubkey(wireguard::genkey()) }] });
        ///     expect(wg.wireguard.peers[0].tx_bytes == 0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn tx_bytes(peer, call) -> i64 { Ok(peer.tx.cast_signed()) }
    );
}
