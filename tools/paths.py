"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PROTO = ROOT / "proto"
STUBS = PROTO / "gen"
IMAGE = BUILD / "image.binpb"
BUF_CONFIG = PROTO / "buf.yaml"
# The image of the last release: what `buf breaking` compares with.
RELEASED_IMAGE = PROTO / "released.binpb"
PROTO_PACKAGE = "publicprotection"
