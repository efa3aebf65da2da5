"""Which internet addresses lie outside: what an automation may call."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
# `is_global` calls some of these global, and which ones depends on Python's version.
# Source: iana.org, IPv4 and IPv6 Special-Purpose Address Registries; learn.microsoft.com, What is IP address
# 168.63.129.16; both read 2026-11-23.
_INTERNAL = (
    ip_network("168.63.129.16/32"),  # where machines in Azure find what runs them
    ip_network("192.0.0.0/24"),  # of protocols; nobody has a website there
    ip_network("192.88.99.0/24"),  # was the way to the relays of 6to4
    ip_network("2001::/23"),  # of protocols; those of Teredo hold an IPv4 address
    ip_network("2002::/16"),  # 6to4: each holds an IPv4 address
    ip_network("3fff::/20"),  # of documents
)


def is_public(address: str) -> bool:
    """Say whether `address` is one machine's on the internet: neither ours, nor a network's inside, nor a group's.

    An IPv6 address that stands for an IPv4 address is as public as that.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_4(ip) if isinstance(ip, IPv4Address) else _is_public_6(ip)


def _is_public_4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not _is_internal(ip)


def _is_public_6(ip: IPv6Address) -> bool:
    if ip.ipv4_mapped:
        return _is_public_4(ip.ipv4_mapped)
    if ip in _NAT64:  # on a network without IPv4 each server that has nothing else is reached by it
        return _is_public_4(IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _GLOBAL_UNICAST and ip.is_global and not _is_internal(ip)


def _is_internal(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip in network for network in _INTERNAL)
