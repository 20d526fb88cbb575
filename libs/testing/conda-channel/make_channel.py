#!/usr/bin/env python3
"""Write a small, deterministic conda channel (linux-64 + noarch) into a folder.

    python make_channel.py OUT [--chain 200] [--files 40] [--big 0] [--format conda|bz2|mixed]
                               [--cpython 3.12.1=PREFIX ...]

Tests must not need a public conda channel, so tests and measurements of an
environment manager need packages of their own. The channel is made of synthetic packages only.
The same arguments give the same bytes: no clock, no host name, no random source but fixed seeds
(with --cpython the bytes also depend on the interpreter that is repackaged). Needs only the
standard library, and `zstandard` unless --format bz2 is given (then repodata.json.zst is left out
too). OUT may be served by `file://` or by any static HTTP server.

What is in it (names are stable, tests may rely on them):

    python 3.12.x, 3.13.x   fake: `bin/python3` is a shell script that answers --version and hands
                            everything else to /usr/bin/python3, with the prefix's site-packages on
                            its path: enough for entry points, not for PyPI packages. With
                            --cpython VERSION=PREFIX a real interpreter is repackaged instead (text
                            files with PREFIX become prefix-replaced files, RUNPATH is made
                            relative, tests are left out).
    python_abi, openssl (3.0/3.3/3.4), libzlib, zlib, ca-certificates, tzdata
    numpy 1.26 2.0 2.1 2.2  one build per python, 1.26 not for 3.13; pandas 2.1 (numpy <2), 2.2
    pkg-000 .. pkg-199      the chain: 3 versions each, every third is noarch python. Installing
                            the last one installs all of them. One version set that solves it is
                            fixed by construction; some packages must stay at 1.1.0, not 2.0.0.
    conflict-a, conflict-b  need shared-lib >=2 and <2: each installs alone, never both together
    needs-missing           depends on a package that does not exist
    needs-cuda              depends on the virtual package __cuda
    prefix-demo             the prefix baked into a text script, a text file and a binary file
    activate-demo           etc/conda/activate.d script; leaves a file behind when it is executed
    postlink-demo           bin/.postlink-demo-post-link.sh; leaves a file behind when executed
    entry-demo              noarch python with a console entry point
    clobber-a, clobber-b    both own share/clobber/same.txt
    bad-sha                 repodata has a wrong sha256 for it
    gone                    in repodata, but its archive is absent
    big-000 ..              --big N: packages of 8 MiB that do not compress, to have long downloads
"""

from __future__ import annotations

import argparse
import bz2
import hashlib
import io
import json
import os
import pathlib
import random
import tarfile
import zipfile

TIMESTAMP_MS = 1_735_689_600_000  # 2025-01-01
MTIME = TIMESTAMP_MS // 1000
PLACEHOLDER = "/build/" + "placehold_" * 24 + "env"  # 250 characters, as long as conda-build's


def noise(seed: str, size: int) -> bytes:
    """`size` bytes that depend on `seed` only; they compress about two to one, as text does."""
    return hashlib.shake_256(seed.encode()).hexdigest((size + 1) // 2)[:size].encode()


class File:
    """One path of a package. `prefix` is None, "text" or "binary"."""

    def __init__(self, path, data=b"", mode=0o644, link=None, prefix=None):
        self.path, self.mode, self.link, self.prefix = path, mode, link, prefix
        self.data = data.encode() if isinstance(data, str) else data


class Channel:
    def __init__(self, out: pathlib.Path, fmt: str):
        self.out, self.fmt, self.count = out, fmt, 0
        self.repodata = {"linux-64": {}, "noarch": {}}

    def add(
        self, name, version, files=(), depends=(), constrains=(), subdir="noarch", build=None, number=0, noarch=None,
        entry_points=(), license="MIT", write=True, corrupt=False,
    ):
        """Writes one package archive and remembers its repodata record."""
        files = sorted(files, key=lambda f: f.path)
        if build is None:
            tag = hashlib.sha1(json.dumps([name, version, list(depends)]).encode()).hexdigest()[:7]
            build = {None: "h%s_%d", "generic": "h%s_%d", "python": "pyh%s_%d"}[noarch] % (tag, number)
        if subdir == "noarch" and noarch is None:
            noarch = "generic"
        index = {
            "arch": None if subdir == "noarch" else "x86_64",
            "build": build,
            "build_number": number,
            "constrains": list(constrains),
            "depends": list(depends),
            "license": license,
            "name": name,
            "platform": None if subdir == "noarch" else "linux",
            "subdir": subdir,
            "timestamp": TIMESTAMP_MS,
            "version": version,
        }
        if noarch:
            index["noarch"] = noarch
        as_conda = self.fmt == "conda" or (self.fmt == "mixed" and self.count % 10 != 3)
        self.count += 1
        info = self._info(index, files, entry_points)
        stem = f"{name}-{version}-{build}"
        blob = self._conda(stem, info, files) if as_conda else self._bz2(info, files)
        filename = stem + (".conda" if as_conda else ".tar.bz2")
        if write:
            folder = self.out / subdir
            folder.mkdir(parents=True, exist_ok=True)
            (folder / filename).write_bytes(blob)
        record = {k: v for k, v in index.items() if v is not None or k in ("arch", "platform")}
        record["size"] = len(blob)
        record["md5"] = hashlib.md5(blob).hexdigest()
        record["sha256"] = hashlib.sha256(blob + (b"!" if corrupt else b"")).hexdigest()
        self.repodata[subdir][filename] = record

    @staticmethod
    def _info(index, files, entry_points):
        paths = []
        for f in files:
            entry = {"_path": f.path, "path_type": "softlink" if f.link else "hardlink"}
            if f.link is None:
                entry["sha256"] = hashlib.sha256(f.data).hexdigest()
                entry["size_in_bytes"] = len(f.data)
            if f.prefix:
                entry["file_mode"], entry["prefix_placeholder"] = f.prefix, PLACEHOLDER
            paths.append(entry)
        dump = lambda value: json.dumps(value, indent=2, sort_keys=True) + "\n"
        info = [
            File("info/index.json", dump(index)),
            File("info/paths.json", dump({"paths": paths, "paths_version": 1})),
            File("info/files", "".join(f.path + "\n" for f in files)),
            File("info/about.json", dump({"summary": "synthetic test package", "license": index["license"]})),
        ]
        with_prefix = [f for f in files if f.prefix]
        if with_prefix:
            info.append(File("info/has_prefix", "".join(f'"{PLACEHOLDER}" {f.prefix} "{f.path}"\n' for f in with_prefix)))
        if index.get("noarch") == "python":
            noarch = {"type": "python", **({"entry_points": list(entry_points)} if entry_points else {})}
            info.append(File("info/link.json", dump({"noarch": noarch, "package_metadata_version": 1})))
        return info

    @staticmethod
    def _tar(files):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for f in files:
                entry = tarfile.TarInfo(f.path)
                entry.mtime, entry.mode = MTIME, f.mode
                if f.link is not None:
                    entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, f.link, 0o777
                    tar.addfile(entry)
                else:
                    entry.size = len(f.data)
                    tar.addfile(entry, io.BytesIO(f.data))
        return buffer.getvalue()

    def _conda(self, stem, info, files):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for member, data in (
                ("metadata.json", b'{"conda_pkg_format_version": 2}'),
                (f"pkg-{stem}.tar.zst", zstd(self._tar(files))),
                (f"info-{stem}.tar.zst", zstd(self._tar(info))),
            ):
                entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data)
        return buffer.getvalue()

    def _bz2(self, info, files):
        return bz2.compress(self._tar(info + list(files)), 6)

    def write_repodata(self):
        for subdir, records in self.repodata.items():
            folder = self.out / subdir
            folder.mkdir(parents=True, exist_ok=True)
            split = lambda suffix: {k: records[k] for k in sorted(records) if k.endswith(suffix)}
            text = json.dumps(
                {
                    "info": {"subdir": subdir},
                    "packages": split(".tar.bz2"),
                    "packages.conda": split(".conda"),
                    "removed": [],
                    "repodata_version": 1,
                },
                indent=1,
                sort_keys=True,
            ).encode()
            (folder / "repodata.json").write_bytes(text)
            if self.fmt != "bz2":
                (folder / "repodata.json.zst").write_bytes(zstd(text))


def zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=3, write_content_size=True).compress(data)


# ---------------------------------------------------------------------------------------- python


def fake_python(version):
    minor = version.rsplit(".", 1)[0]
    script = (
        "#!/bin/sh\n"
        f'case "$1" in -V|--version) echo "Python {version}"; exit 0;; esac\n'
        'here=$(dirname "$(readlink -f "$0")")\n'
        f'PYTHONPATH="${{here%/bin}}/lib/python{minor}/site-packages" exec /usr/bin/python3 "$@"\n'
    )
    lib = f"lib/python{minor}"
    yield File(f"bin/python{minor}", script, 0o755)
    yield File("bin/python3", link=f"python{minor}")
    yield File("bin/python", link=f"python{minor}")
    yield File(f"{lib}/site-packages/README.txt", "packages go here\n")
    for i in range(60):
        yield File(f"{lib}/stdlib_{i:02d}.py", noise(f"py{version}{i}", 3000))
    makefile = f"prefix={PLACEHOLDER}\nVERSION={minor}\n"
    yield File(f"{lib}/config/Makefile", makefile, prefix="text")


def real_python(version, prefix):
    """Repackages an installed CPython. Prefix strings in text files become the placeholder."""
    root, minor = pathlib.Path(prefix), version.rsplit(".", 1)[0]
    lib = f"lib/python{minor}"
    skip = {"test", "tests", "idlelib", "idle_test", "tkinter", "turtledemo", "ensurepip", "lib2to3", "__pycache__"}
    yield File("bin/python3", link=f"python{minor}")
    yield File("bin/python", link=f"python{minor}")
    yield File(f"{lib}/site-packages/README.txt", "packages go here\n")
    wanted = [root / "bin" / f"python{minor}", *sorted((root / "lib").glob("libpython*.so*"))]
    for top in (root / lib, root / "include" / f"python{minor}"):
        for folder, names, files in os.walk(top):
            names[:] = sorted(n for n in names if n not in skip | {"site-packages"} and not n.startswith("config-"))
            wanted += [pathlib.Path(folder) / f for f in sorted(files) if not f.endswith(".pyc")]
    old = str(root).encode()
    for path in wanted:
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            yield File(name, link=os.readlink(path))
            continue
        data, mode, mark = path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644, None
        if data.startswith(b"\x7fELF"):
            runpath, relative = old + b"/lib\0", b"$ORIGIN/../lib"
            data = data.replace(runpath, relative.ljust(len(runpath), b"\0"))
        elif old in data:
            data, mark = data.replace(old, PLACEHOLDER.encode()), "text"
        yield File(name, data, mode, prefix=mark)


def add_python(channel, version, prefix=None):
    minor = version.rsplit(".", 1)[0]
    channel.add(
        "python", version, list(real_python(version, prefix) if prefix else fake_python(version)),
        ["ca-certificates", "libzlib >=1.3.1,<2.0a0", "openssl >=3.0.13,<4.0a0", "tzdata", "__unix"],
        [f"python_abi {minor}.* *_cp{minor.replace('.', '')}"],
        "linux-64", "h0a1b2c3_0_cpython", license="PSF-2.0",
    )


# --------------------------------------------------------------------------------------- packages


def module(name, version, count, site="site-packages"):
    """A python-like package: __init__, modules of mixed sizes, and dist-info."""
    yield File(f"{site}/{name}/__init__.py", f'__version__ = "{version}"\n')
    yield from tree(name, version, count, f"{site}/{name}", ".py")
    meta = f"{site}/{name}-{version}.dist-info"
    yield File(f"{meta}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    yield File(f"{meta}/INSTALLER", "conda\n")
    yield File(f"{meta}/RECORD", "")


def tree(name, version, count, root, suffix):
    rng = random.Random(f"{name} {version}")
    for i in range(count):
        size = min(120_000, int(rng.lognormvariate(7.6, 1.1)))  # median about 2 kB
        yield File(f"{root}/d{i % 5}/f{i:04d}{suffix}", noise(f"{name}{version}{i}", size))


def add_base(channel):
    channel.add("tzdata", "2025a", list(tree("tzdata", "2025a", 60, "share/zoneinfo", "")))
    for version in ("2024.8.30", "2025.1.31"):
        bundle = noise("certs" + version, 200_000)
        channel.add("ca-certificates", version, [File("ssl/cacert.pem", bundle)], subdir="linux-64", license="ISC")
    for version in ("3.0.15", "3.3.2", "3.4.0"):
        files = [
            File("bin/openssl", "#!/bin/sh\necho OpenSSL " + version + "\n", 0o755),
            File("lib/libcrypto.so.3", noise("crypto" + version, 900_000), 0o755),
            File("lib/libssl.so.3.fake", noise("ssl" + version, 300_000), 0o755),
        ]
        files[1].path += ".fake"  # never loaded by a real interpreter in the same prefix
        channel.add("openssl", version, files, ["__glibc >=2.17,<3.0.a0", "ca-certificates"], subdir="linux-64")
    for version in ("1.2.13", "1.3.1"):
        lib = File(f"lib/libz.so.{version}.fake", noise("z" + version, 100_000), 0o755)
        channel.add("libzlib", version, [lib], ["__glibc >=2.17,<3.0.a0"], [f"zlib {version} *_0"], "linux-64", license="Zlib")
        header = File("include/zlib.h", f"/* {version} */\n" + noise("zh" + version, 90_000).decode())
        channel.add("zlib", version, [header], [f"libzlib {version}"], subdir="linux-64", license="Zlib")


def add_scientific(channel, minors):
    for minor in minors:
        tag = minor.replace(".", "")
        channel.add("python_abi", minor, constrains=[f"python {minor}.*"], build=f"2_cp{tag}", number=2)
        low, high = minor, f"{minor.split('.')[0]}.{int(minor.split('.')[1]) + 1}"
        needs = [f"python >={low},<{high}.0a0", f"python_abi {minor}.* *_cp{tag}"]
        site = f"lib/python{minor}/site-packages"
        for version in ("1.26.4", "2.0.2", "2.1.3", "2.2.0"):
            if (version, minor) == ("1.26.4", "3.13"):
                continue
            files = list(module("numpy", version, 120, site))
            files.append(File(f"{site}/numpy/_core.so", noise("np" + version + minor, 2_000_000), 0o755))
            channel.add("numpy", version, files, needs, subdir="linux-64", build=f"py{tag}h{version.replace('.', '')}_0")
        for version, numpy in (("2.1.4", "numpy >=1.26.0,<2"), ("2.2.3", "numpy >=1.26.0,<3")):
            files = list(module("pandas", version, 200, site))
            channel.add("pandas", version, files, [*needs, numpy], subdir="linux-64", build=f"py{tag}h{version.replace('.', '')}_0")


def add_chain(channel, length, files_per_package):
    """Package i needs i-1 and some of the 30 before it; every constraint admits the fixed solution."""
    held_back = lambda i: i % 17 == 5  # these must stay at 1.1.0 because a later package says <2
    solution = lambda i: "1.1.0" if held_back(i) else "2.0.0"
    for i in range(length):
        name = f"pkg-{i:03d}"
        for version in ("1.0.0", "1.1.0", "2.0.0"):
            rng = random.Random(f"chain {i} {version}")
            pool = range(max(0, i - 30), i - 1)
            chosen = {i - 1} if i else set()
            chosen |= set(rng.sample(pool, min(len(pool), rng.randint(1, 4))))
            depends = []
            for j in sorted(chosen):
                if held_back(j):
                    spec = "<2" if j == i - 1 or rng.random() < 0.5 else ">=1.0,<3.0a0"
                else:
                    spec = rng.choice([">=1.0", ">=1.1,<3.0a0", "2.*", "1.*|2.*", ">=1.0.0,!=1.1.0", ""])
                depends.append(f"pkg-{j:03d} {spec}".strip())
            python = i % 3 == 1
            if python:
                depends.append("python >=3.10")
            count = files_per_package if version == solution(i) else 2
            module_name = name.replace("-", "_")
            files = module(module_name, version, count) if python else tree(name, version, count, f"share/{name}", ".txt")
            channel.add(name, version, list(files), depends, noarch="python" if python else "generic")


def add_special(channel):
    for version in ("1.0.0", "2.0.0"):
        channel.add("shared-lib", version, [File("lib/libshared.so", noise("shared" + version, 5000))], subdir="linux-64")
    channel.add("conflict-a", "1.0.0", [File("share/conflict-a.txt", "a\n")], ["shared-lib >=2"])
    channel.add("conflict-b", "1.0.0", [File("share/conflict-b.txt", "b\n")], ["shared-lib <2"])
    channel.add("needs-missing", "1.0.0", [File("share/needs-missing.txt", "x\n")], ["no-such-package >=1"])
    channel.add("needs-cuda", "1.0.0", [File("share/needs-cuda.txt", "x\n")], ["__cuda >=12"], subdir="linux-64")
    baked = b"\x7fELF-not-really\0" + PLACEHOLDER.encode() + b"/lib\0tail\0" + PLACEHOLDER.encode() + b"\0end"
    channel.add(
        "prefix-demo", "1.0.0",
        [
            File("bin/prefix-demo", f"#!{PLACEHOLDER}/bin/sh-or-not\nprefix={PLACEHOLDER}\n", 0o755, prefix="text"),
            File("etc/prefix-demo.conf", f"root = {PLACEHOLDER}\n", prefix="text"),
            File("lib/libprefix-demo.so", baked, 0o755, prefix="binary"),
            File("share/prefix-demo/plain.txt", "no prefix here\n"),
            File("share/prefix-demo/link.txt", link="plain.txt"),
        ],
        subdir="linux-64",
    )
    activate = 'export ACTIVATE_DEMO=1\ntouch "$CONDA_PREFIX/activate-demo-was-executed"\n'
    channel.add("activate-demo", "1.0.0", [File("etc/conda/activate.d/activate-demo.sh", activate)])
    post = '#!/bin/sh\ntouch "$PREFIX/postlink-demo-was-executed"\n'
    channel.add("postlink-demo", "1.0.0", [File("bin/.postlink-demo-post-link.sh", post, 0o755)], subdir="linux-64")
    entry = [File("site-packages/entry_demo/__init__.py", 'def main():\n    print("entry-demo ran")\n')]
    channel.add("entry-demo", "1.0.0", entry, ["python >=3.10"], noarch="python", entry_points=["entry-demo = entry_demo:main"])
    for letter in "ab":
        same = [File("share/clobber/same.txt", f"from clobber-{letter}\n"), File(f"share/clobber/{letter}.txt", letter)]
        channel.add(f"clobber-{letter}", "1.0.0", same)
    channel.add("bad-sha", "1.0.0", [File("share/bad-sha.txt", "x\n")], corrupt=True)
    channel.add("gone", "1.0.0", [File("share/gone.txt", "x\n")], write=False)


def add_big(channel, count):
    for i in range(count):
        blob = hashlib.shake_256(f"big{i}".encode()).digest(8 << 20)
        channel.add(f"big-{i:03d}", "1.0.0", [File(f"share/big/{i:03d}.bin", blob)], [f"big-{i - 1:03d}"] if i else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--chain", type=int, default=200, metavar="N", help="length of the pkg-NNN chain")
    parser.add_argument("--files", type=int, default=40, metavar="K", help="files in each chain package")
    parser.add_argument("--big", type=int, default=0, metavar="N", help="number of 8 MiB packages")
    parser.add_argument("--format", choices=("conda", "bz2", "mixed"), default="mixed")
    parser.add_argument("--cpython", action="append", default=[], metavar="VERSION=PREFIX")
    args = parser.parse_args()

    real = dict(pair.split("=", 1) for pair in args.cpython)
    fakes = {"3.12": ["3.12.7", "3.12.8"], "3.13": ["3.13.0", "3.13.1"]}
    channel = Channel(args.out, args.format)
    add_base(channel)
    for minor, versions in fakes.items():
        own = [v for v in real if v.rsplit(".", 1)[0] == minor]
        for version in own or versions:
            add_python(channel, version, real.get(version))
    add_scientific(channel, list(fakes))
    add_chain(channel, args.chain, args.files)
    add_special(channel)
    add_big(channel, args.big)
    channel.write_repodata()
    print(f"{channel.count} packages")


if __name__ == "__main__":
    main()
