//! Networks that hand out addresses and say who has which, and the networks of plans that nobody chose one for.

use crate::error::{Error, Kind, Result};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// A network that hands out its addresses, of one family or of both, and remembers who has which. Cheap to clone; clones share it.
#[derive(Debug, Clone)]
pub struct Subnet(Rc<RefCell<Handed>>);

#[derive(Debug)]
struct Handed {
    nets: Vec<IpNet>,
    next: u128,
    given: Vec<(Vec<IpNet>, String)>,
}

impl Subnet {
    /// Makes one of its networks, at most one of each family.
    ///
    /// # Errors
    ///
    /// `bad-argument`.
    pub fn new(nets: Vec<IpNet>) -> Result<Subnet> {
        let text = || nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let wrong = |cause: &str| Err(Error::new(Kind::BadArgument, "use subnet", format!("`{}`", text()), cause));
        let v6 = nets.iter().filter(|net| net.addr().is_ipv6()).count();
        if nets.is_empty() {
            return wrong("it is empty");
        }
        if v6 > 1 || nets.len() - v6 > 1 {
            return wrong("it has at most one network of each family");
        }
        if let Some(net) = nets.iter().find(|net| net.addr() != net.network()) {
            let error = Error::new(Kind::BadArgument, "use subnet", format!("`{net}`"), "the bits behind the prefix length are not zero");
            return Err(error.hint(format!("write it as `{}`", net.trunc())));
        }
        Ok(Subnet(Rc::new(RefCell::new(Handed { nets, next: 1, given: Vec::new() }))))
    }

    /// Hands out the next address of each family.
    ///
    /// # Errors
    ///
    /// `not-found` when none is left.
    pub fn hand_out(&self, who: &str) -> Result<Vec<IpNet>> {
        let mut handed = self.0.borrow_mut();
        let number = handed.next;
        let addresses: Option<Vec<IpNet>> = handed.nets.iter().map(|net| host(*net, number)).collect();
        let Some(addresses) = addresses else {
            let nets: Vec<String> = handed.nets.iter().map(ToString::to_string).collect();
            let cause = format!("all {} addresses are given", number - 1);
            return Err(Error::new(Kind::NotFound, "hand out an address of", format!("`{}`", nets.join(", ")), cause));
        };
        handed.next += 1;
        handed.given.push((addresses.clone(), who.to_string()));
        Ok(addresses)
    }

    /// Returns its networks.
    pub fn nets(&self) -> Vec<IpNet> {
        self.0.borrow().nets.clone()
    }

    /// Returns who has which addresses, in the order in which they were handed out.
    pub fn given(&self) -> Vec<(Vec<IpNet>, String)> {
        self.0.borrow().given.clone()
    }
}

/// The address of a host by its number; nothing where the network ends. The broadcast address of IPv4 is none.
fn host(net: IpNet, number: u128) -> Option<IpNet> {
    let bits = u32::from(net.max_prefix_len() - net.prefix_len());
    let size = 1_u128.checked_shl(bits).unwrap_or(u128::MAX);
    let (number, last) = match (net.addr().is_ipv4(), bits) {
        // RFC 3021: a network of two has no broadcast address.
        (_, 0 | 1) => (number - 1, size - 1),
        (true, _) => (number, size.saturating_sub(2)),
        (false, _) => (number, size - 1),
    };
    let address = match net.network() {
        _ if number > last => return None,
        IpAddr::V4(base) => IpAddr::V4(Ipv4Addr::from_bits(base.to_bits() + number as u32)),
        IpAddr::V6(base) => IpAddr::V6(Ipv6Addr::from_bits(base.to_bits() + number)),
    };
    IpNet::new(address, net.prefix_len()).ok()
}

/// The n-th network for hosts of a plan: 10.N.N.0/24 and fd00:0:0:N::/64.
pub fn lan_subnet(number: u32, v6: bool) -> Result<Subnet> {
    let v4 = Ipv4Addr::from_bits((10 << 24) | (number << 8));
    nets(v4, 24, Ipv6Addr::from_bits((0xfd00 << 112) | (u128::from(number) << 64)), v6)
}

/// The n-th network of a cable between routers: four addresses of 100.64.0.0/10, and fd00:0:1:N::/64.
pub fn cable_subnet(number: u32, v6: bool) -> Result<Subnet> {
    let v4 = Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(100, 64, 0, 0)) + (number << 2));
    nets(v4, 30, Ipv6Addr::from_bits((0xfd00 << 112) | (1 << 80) | (u128::from(number) << 64)), v6)
}

fn nets(v4: Ipv4Addr, prefix: u8, v6: Ipv6Addr, both: bool) -> Result<Subnet> {
    let fits = "the prefix length is a constant";
    let mut nets = vec![IpNet::V4(Ipv4Net::new(v4, prefix).expect(fits))];
    if both {
        nets.push(IpNet::V6(Ipv6Net::new(v6, 64).expect(fits)));
    }
    Subnet::new(nets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_hands_out_its_addresses_one_by_one_and_says_when_none_is_left() {
        let subnet = Subnet::new(vec!["10.0.0.0/30".parse().unwrap(), "2001:db8::/64".parse().unwrap()]).unwrap();
        let texts = |nets: Vec<IpNet>| nets.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts(subnet.hand_out("a").unwrap()), ["10.0.0.1/30", "2001:db8::1/64"]);
        assert_eq!(texts(subnet.hand_out("b").unwrap()), ["10.0.0.2/30", "2001:db8::2/64"]);
        let error = subnet.hand_out("c").unwrap_err();
        assert_eq!(error.to_string(), "cannot hand out an address of `10.0.0.0/30, 2001:db8::/64`: all 2 addresses are given");
        assert_eq!(subnet.given().len(), 2);
    }

    #[test]
    fn a_network_of_two_gives_both() {
        let subnet = Subnet::new(vec!["10.0.0.0/31".parse().unwrap()]).unwrap();
        assert_eq!(subnet.hand_out("a").unwrap()[0].to_string(), "10.0.0.0/31");
        assert_eq!(subnet.hand_out("b").unwrap()[0].to_string(), "10.0.0.1/31");
        assert!(subnet.hand_out("c").is_err());
        assert!(Subnet::new(vec!["10.0.0.1/24".parse().unwrap()]).is_err());
    }
}
