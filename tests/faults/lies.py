"""Programs that stand where Ansible expects Python, sudo or ssh, and do what these do on a bad day.

Each is the text of a script; ``{python}`` is a Python that works. Ansible gives a program that stands for Python the
module on standard input, where it pipelines, and else its path.
"""

from collections.abc import Mapping

#: In place of Python on a target.
PYTHONS: Mapping[str, str] = {
    "killed-at-once": "#!/bin/sh\ncat >/dev/null\nkill -9 $$\n",
    "killed-half-way": '#!/bin/sh\nsaid=$({python} "$@")\nprintf %.600s "$said"\nkill -9 $$\n',
    "cut": '#!/bin/sh\nsaid=$({python} "$@")\nprintf %.600s "$said"\n',
    "flipped": '#!/bin/sh\n{python} "$@" | sed \'s/\\(evidence": "H4sI.\\{{60\\}}\\)..../\\1AAAA/\'\n',
    "too-large": (
        '#!/bin/sh\ncat >/dev/null\nprintf \'{{"changed": false, "sha256": "0", "evidence": "\'\n'
        "head -c 800000 /dev/zero | tr '\\0' A\nprintf '\"}}\\n'\n"
    ),
    "silent": "#!/bin/sh\ncat >/dev/null\n",
    "empty": "#!/bin/sh\ncat >/dev/null\necho '{{}}'\n",
    "fine": '#!/bin/sh\ncat >/dev/null\necho \'{{"changed": false, "msg": "all is well"}}\'\n',
    "replayed": "#!/bin/sh\ncat >/dev/null\ncat {answer}\n",
    "skips": '#!/bin/sh\ncat >/dev/null\necho \'{{"changed": false, "skipped": true}}\'\n',
    "gives-up": (
        '#!/bin/sh\ncat >/dev/null\necho \'{{"changed": false, "unreachable": true, "msg": "no route to host"}}\'\n'
    ),
    "out-of-memory": "#!/bin/sh\ncat >/dev/null\necho 'MemoryError' >&2\nexit 1\n",
    "too-old": (
        "#!/bin/sh\ncat >/dev/null\n"
        "echo '  File \"<stdin>\", line 4: SyntaxError: invalid syntax' >&2\nexit 1\n"
    ),
    "greets": "#!/bin/sh\necho 'Welcome to {{cmp01}}, [authorised] use only'\nexec {python} \"$@\"\n",
    "takes-leave": "#!/bin/sh\n{python} \"$@\"\necho 'Good bye from {{cmp01}}'\n",
    "sleeps": "#!/bin/sh\nexec sleep {seconds}\n",
}

#: In place of sudo.
SUDOS: Mapping[str, str] = {
    "not-in-sudoers": (
        "#!/bin/sh\necho 'nova is not in the sudoers file.  This incident will be reported.' >&2\nexit 1\n"
    ),
    "wants-password": "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n",
    "wants-terminal": "#!/bin/sh\necho 'sudo: sorry, you must have a tty to run sudo' >&2\nexit 1\n",
    "not-this-command": (
        "#!/bin/sh\necho 'Sorry, user nova is not allowed to execute /bin/sh as root on cmp01.' >&2\nexit 1\n"
    ),
}

#: In place of ssh: the host is this machine, or does not answer. Ansible's last argument is the command.
CLIENTS: Mapping[str, str] = {
    "connects": '#!/bin/sh\nfor command; do :; done\nexec /bin/sh -c "$command"\n',
    "greeted": '#!/bin/sh\nfor command; do :; done\necho "Last login: {{today}}"\nexec /bin/sh -c "$command"\n',
    "refused": "#!/bin/sh\ncat >/dev/null\necho 'ssh: connect to host 192.0.2.1 port 22: Connection refused' >&2\nexit 255\n",
    "no-route": "#!/bin/sh\ncat >/dev/null\necho 'ssh: connect to host 192.0.2.1 port 22: No route to host' >&2\nexit 255\n",
    "silent": "#!/bin/sh\ncat >/dev/null\necho 'ssh: connect to host 192.0.2.1 port 22: Connection timed out' >&2\nexit 255\n",
    "key-refused": "#!/bin/sh\ncat >/dev/null\necho 'nova@192.0.2.1: Permission denied (publickey).' >&2\nexit 255\n",
    "unknown-key": (
        "#!/bin/sh\ncat >/dev/null\necho 'No ED25519 host key is known for 192.0.2.1 and you have requested strict checking.' >&2\n"
        "echo 'Host key verification failed.' >&2\nexit 255\n"
    ),
    "breaks": '#!/bin/sh\ncat >/dev/null\necho "client_loop: send disconnect: Broken pipe" >&2\nexit 255\n',
    # Nothing may grow: what a full disk is to whoever writes a file.
    "disk-full": '#!/bin/sh\nfor command; do :; done\nulimit -f 0\ntrap "" XFSZ\nexec /bin/sh -c "$command"\n',
}
