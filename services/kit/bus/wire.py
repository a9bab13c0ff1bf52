"""Pika's connection, made to survive message properties that it cannot decode."""

from __future__ import annotations

import struct

import pika
from pika import exceptions, frame, spec
from pika.adapters.asyncio_connection import AsyncioConnection

_FRAME_START = struct.Struct(">BHL")  # type, channel, size of the payload (AMQP 0-9-1, 4.2.3)
_HEADER_START = struct.Struct(">HHQ")  # class, weight, size of the body (4.2.6.1)
_Decoded = tuple[int, frame.Frame | frame.ProtocolHeader | None]


class HardyConnection(AsyncioConnection):
    """A connection on which strange properties of one message do not end the service of all.

    A publisher writes the header table of a message freely, and the broker passes on values for which
    Python has no equal: a time after the year 9999, tables nested thousands deep. Pika raises on these,
    the connection is lost, the message comes again, and so on: one sender would stop everybody. Here such
    a message arrives without properties, hence without a `user_id`, and its reader refuses it.
    """

    def _read_frame(self) -> _Decoded:
        """As pika's, but a content header whose properties cannot be decoded has none."""
        try:
            return super()._read_frame()
        except exceptions.InvalidFrameError:
            raise  # the stream itself is broken
        except Exception:
            bare = _without_properties(self._frame_buffer)
            if bare is None:
                raise
            return bare


def _without_properties(data: bytes) -> _Decoded | None:
    """Decode a complete content header frame but for its properties; None if it is another kind of frame."""
    kind, channel, size = _FRAME_START.unpack_from(data)
    if kind != spec.FRAME_HEADER:
        return None
    _, _, body_size = _HEADER_START.unpack_from(data, _FRAME_START.size)
    end = _FRAME_START.size + size + spec.FRAME_END_SIZE
    nothing = pika.BasicProperties()  # type: ignore[no-untyped-call]
    return end, frame.Header(channel, body_size, nothing)
