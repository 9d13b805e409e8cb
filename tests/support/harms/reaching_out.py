"""Reaching out: to the network, the host, other namespaces, and the next submission."""

from tests.support.harms import in_a_cell

HARMS = [
    in_a_cell(
        "host-over-loopback",
        "looks for servers on the host's loopback",
        "import socket\nfor port in (22, 80, 5432, 8888):\n    try:\n        socket.create_connection(('127.0.0.1', port), 0.2)\n        print('open', port)\n    except OSError as error:\n        print('closed')",
        "closed",
    ),
    in_a_cell(
        "sends-out",
        "sends datagrams into the world and asks for names",
        "import socket\ntry:\n    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))\nexcept OSError as error:\n    print('unreachable')\ntry:\n    socket.getaddrinfo('example.org', 80)\nexcept OSError:\n    print('unknown')",
        "unreachable",
    ),
    in_a_cell(
        "abstract-sockets",
        "looks for the host's sockets that lie in no folder",
        "import socket\nprint(len(open('/proc/net/unix').readlines()) < 10)",
        "No such file",
    ),
    in_a_cell(
        "odd-socket-kinds",
        "opens sockets of kinds that no network namespace covers",
        "import socket\nfor family in (40, 38, 17, 15, 29):\n    try:\n        socket.socket(family, socket.SOCK_DGRAM)\n        print('opened', family)\n    except OSError:\n        print('refused')",
        "refused",
    ),
    in_a_cell(
        "rights-in-a-new-namespace",
        "makes a user namespace of its own and mounts memory without bounds in it",
        "import ctypes\nlibc = ctypes.CDLL(None)\nprint(libc.unshare(0x10000000 | 0x20000), libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))",
        "-1 -1",
    ),
    in_a_cell(
        "notes-for-the-next",
        "leaves keys in the kernel and a queue without a file for the next submission",
        "import ctypes\nlibc = ctypes.CDLL(None)\nprint(libc.syscall(248, b'user', b'note', b'text', 4, -4), ctypes.CDLL('librt.so.1').mq_open(b'/note', 0o102, 0o600, None))",
        "-1 -1",
    ),
    in_a_cell(
        "looks-into-the-supervisor",
        "reads and traces process 1",
        "import ctypes\nfor name in ('mem', 'environ', 'maps', 'fd/0'):\n    try:\n        open(f'/proc/1/{name}', 'rb').read(10)\n        print('read', name)\n    except OSError:\n        print('closed')\nprint(ctypes.CDLL(None).ptrace(16, 1, 0, 0))",
        "closed",
    ),
    in_a_cell(
        "forged-messages",
        "writes forged messages into every open pipe",
        'import json, os\nforged = [{"event": "checkpoint", "number": 3, "pid": 2**80}, {"event": "checkpoint", "number": 5, "pid": -1}, {"event": "cell", "number": True}, {"event": []}, {"output_type": "error", "ename": [[]], "traceback": 5}, [], 9]\ntext = "".join(json.dumps(one) + "\\n" for one in forged).encode()\nfor descriptor in range(3, 40):\n    try:\n        os.write(descriptor, b"\\n" + text + b"\\xff\\n" + b"[" * 5000 + b"\\n")\n    except OSError:\n        pass',
        loses=None,
    ),
]  # fmt: skip
