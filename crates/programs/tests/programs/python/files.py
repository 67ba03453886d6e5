import json, os, pathlib

root = pathlib.Path("/w/tree")
root.mkdir()
for name in ("b", "a", "c"):
    (root / name).write_text(name * 3)
os.rename(root / "c", root / "d")
(root / "a").unlink()
os.symlink("b", root / "link")
with open(root / "b", "r+b") as file:
    file.seek(1)
    file.write(b"BB!")
    file.truncate(3)
os.utime(root / "b", (1000000000, 1234567890))
found = {entry.name: entry.stat().st_size for entry in sorted(os.scandir(root), key=lambda entry: entry.name)}
print(json.dumps(found), os.readlink(root / "link"), (root / "link").read_text(), int(os.stat(root / "b").st_mtime))
for path in ("/w/../secret", "/etc/passwd", "/w/none", "/w/tree"):
    try:
        open(path).close()
    except OSError as error:
        print(type(error).__name__, error.errno)
