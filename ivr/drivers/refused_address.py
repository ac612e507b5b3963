"""What to do about an address that the system does not let us open."""

import errno

IN_USE = "stop what uses it, or choose another port"
REMEDIES = {
    errno.EADDRINUSE: IN_USE,
    errno.EACCES: "ports below 1024 belong to the system: choose a higher one, or let the service have them "
                  "(CAP_NET_BIND_SERVICE)",
    errno.EADDRNOTAVAIL: "this machine has no such address: `ip address` shows those it has",
    errno.EAFNOSUPPORT: "this machine does not speak IPv6: give an IPv4 address",
}


def remedy(error: OSError) -> str:
    """For `error` of a bind."""
    return REMEDIES.get(error.errno or 0, IN_USE)
