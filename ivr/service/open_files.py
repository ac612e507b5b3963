"""How many files and sockets this process may have open."""

import resource


def allow_files(files: int) -> None:
    """Raise the soft limit, as far as the hard one goes: the usual 1,024 is less than what a service of calls needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        most = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
