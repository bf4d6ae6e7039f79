"""Which addresses lie in the open internet: the only ones that a foreign link may lead this service to.

A link from outside must not make the service talk to its own neighbours: databases, printers, the metadata service of
a cloud. `ipaddress.is_global` knows most of them; what it lets through and may lead home again is named here.
Source: the IANA special-purpose address registries (RFC 6890 and its followers).
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

# Global by the registry's letter, and yet somebody's own machine answers there.
_NOT_FOR_US_4 = (
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, out of use (RFC 7526)
    IPv4Network("168.63.129.16/32"),  # Azure answers its own machines there
)
# Everything handed out to anybody lies here; left outside are ::/96, mapped IPv4, NAT64, site-local, multicast …
_HANDED_OUT_6 = IPv6Network("2000::/3")
_NOT_FOR_US_6 = (
    IPv6Network("2001::/23"),  # protocols: Teredo (carries an IPv4 address), ORCHID, benchmarks
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4 carries an IPv4 address
    IPv6Network("3fff::/20"),  # documentation
)


def is_public(address: str) -> bool:
    """True when that text is an address of one machine in the open internet; text of any other form is not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    if found.version == 4:
        return not any(found in network for network in _NOT_FOR_US_4)
    return found in _HANDED_OUT_6 and not any(found in network for network in _NOT_FOR_US_6)
