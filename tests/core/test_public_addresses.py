"""Addresses in the open internet, and those that lead home by some way."""

from __future__ import annotations

import pytest

from eventsvc.core.public_addresses import is_public

OUTSIDE = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001:80b::200e"]
INSIDE = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "private (RFC 1918, 4193)": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00:ec2::254", "fc00::1"],
    "link-local, where clouds keep their secrets": ["169.254.169.254", "fe80::1", "fe80::1%eth0"],
    "carriers' own (RFC 6598)": ["100.64.0.1", "100.100.100.200", "100.127.255.255"],
    "nobody's": ["0.0.0.0", "0.1.2.3", "::"],  # refused, not bound
    "multicast and broadcast": ["224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "4000::1", "fec0::1"],
    "documentation and benchmarks": [
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.9",
        "198.18.0.1",
        "2001:db8::1",
        "3fff::1",
    ],
    "IPv4 in an IPv6 coat": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1"],
    "tunnels that carry IPv4": ["2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.88.99.1"],
    "a cloud's own service": ["168.63.129.16"],
    "no address": ["", "localhost", "2130706433", "0x7f.1", "127.1", "8.8.8.8/32", "010.0.0.1"],
}


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_in_the_open_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(("why", "address"), [(why, address) for why in INSIDE for address in INSIDE[why]])
def test_an_address_that_may_lead_home_is_not(why, address):
    assert not is_public(address)
