"""A film made picture by picture, so that a slow machine shows as little as a fast one."""

from __future__ import annotations

import contextlib
import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1280, 720
# The bar above the stage names what is shown, the strip below it holds the caption.
BAR, STRIP = 34, 78
STAGE = (WIDTH, HEIGHT - BAR - STRIP)
SCALE = 1.5  # of all of the above: the film is 1920 × 1080
FRAMES_PER_S = 15
# An arrow as every desktop has it, in CSS pixels.
_ARROW = ((0, 0), (0, 21), (5, 16.5), (8.6, 24.5), (12.4, 22.8), (8.9, 15), (15.5, 15))

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption with the time it is to be read, in seconds."""

    start_s: float
    end_s: float
    text: str


class Film:
    """A film that grows frame by frame: what the stage shows, a cursor, a caption.

    Attributes:
        cues: the captions so far.
        cursor: where the cursor is on the stage, in CSS pixels; None hides it.
    """

    def __init__(self, target: Path, make_frame: Callable[[str, str], bytes]) -> None:
        """Begin a film.

        Args:
            target: the file to write, H.264 in MP4.
            make_frame: draws the bar and the caption; returns a PNG file of the full size.
        """
        self.cues: list[Cue] = []
        self.cursor: tuple[float, float] | None = None
        self._make_frame = make_frame
        self._title, self._caption, self._since_s = "", "", 0.0
        self._frame = np.zeros((_scaled(HEIGHT), _scaled(WIDTH), 3), dtype=np.uint8)
        self._shown = self._frame
        self._n_frames = 0
        self._owed = 0.0  # parts of a frame that were asked for and are not there yet
        self._encoder = _open_encoder(target)

    @property
    def seconds(self) -> float:
        """Return how long the film is so far."""
        return self._n_frames / FRAMES_PER_S

    def say(self, caption: str) -> None:
        """Show another caption from now on; none where it is empty."""
        if caption != self._caption:
            self._end_cue()
            self._caption, self._since_s = caption, self.seconds
        self._draw_frame()

    def name(self, title: str) -> None:
        """Say in the bar what is on the stage."""
        if title != self._title:
            self._title = title
            self._draw_frame()

    def show(self, png: bytes, fade_s: float = 0.0) -> None:
        """Put a picture on the stage, at once or slowly; one of the full size covers all."""
        picture = read_png(png)
        if picture.shape == self._frame.shape:
            self._frame = picture.copy()
        else:
            top = _scaled(BAR)
            self._frame[top : top + picture.shape[0]] = picture
        if fade_s:
            self._fade(fade_s)

    def hold(self, seconds: float) -> None:
        """Let the film stand still."""
        self._owed += max(0.0, seconds) * FRAMES_PER_S
        while self._owed >= 1:
            self._write(self._draw())
            self._owed -= 1

    def move(self, x: float, y: float, seconds: float = 0.7) -> None:
        """Move the cursor to a place on the stage, slow at both ends."""
        start = self.cursor or (STAGE[0] * 0.6, STAGE[1] * 0.9)
        n_steps = max(1, round(seconds * FRAMES_PER_S))
        for step in range(1, n_steps + 1):
            part = step / n_steps
            eased = part * part * (3 - 2 * part)
            self.cursor = (
                start[0] + (x - start[0]) * eased,
                start[1] + (y - start[1]) * eased,
            )
            self._write(self._draw())

    def press(self) -> None:
        """Show that the mouse is pressed: a ring that opens."""
        for radius in (7, 12, 16):
            self._write(self._draw(ring=radius))

    def save_poster(self, target: Path) -> None:
        """Keep what is shown now as a picture, with the sign that there is a film to play."""
        image = Image.fromarray(self._frame)
        draw = ImageDraw.Draw(image, "RGBA")
        x, y, size = image.width / 2, image.height / 2, 52 * SCALE
        draw.ellipse((x - size, y - size, x + size, y + size), fill=(17, 19, 24, 215))
        tip, edge = 0.5 * size, 0.3 * size
        draw.polygon(((x - edge, y - tip), (x - edge, y + tip), (x + tip, y)), fill="white")
        image.save(target, quality=85, optimize=True)

    def __enter__(self) -> Film:
        """Begin; the film is complete when the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Fade out and end the film, or give it up where something went wrong.

        Raises:
            RuntimeError: it could not be encoded.
        """
        pipe = self._encoder.stdin
        if kind is None:
            self._end_cue()
            self._frame, self.cursor = np.zeros_like(self._frame), None
            self._fade(0.6)
            self.hold(0.2)
        else:
            self._encoder.kill()
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        if self._encoder.wait() != 0 and kind is None:
            raise RuntimeError("ffmpeg could not encode the film; its last words are above.")

    def _draw_frame(self) -> None:
        frame = read_png(self._make_frame(self._title, self._caption))
        top, bottom = _scaled(BAR), _scaled(HEIGHT - STRIP)
        self._frame[:top], self._frame[bottom:] = frame[:top], frame[bottom:]

    def _end_cue(self) -> None:
        if self._caption and self.seconds > self._since_s:
            self.cues.append(Cue(self._since_s, self.seconds, self._caption))

    def _draw(self, ring: int = 0) -> Picture:
        if self.cursor is None:
            return self._frame
        x, y = self.cursor[0] * SCALE, (self.cursor[1] + BAR) * SCALE
        image = Image.fromarray(self._frame)
        draw = ImageDraw.Draw(image, "RGBA")
        if ring:
            size = ring * SCALE
            draw.ellipse((x - size, y - size, x + size, y + size), outline="#2557a7", width=4)
        arrow = [(x + dx * SCALE, y + dy * SCALE) for dx, dy in _ARROW]
        draw.polygon([(px + 2, py + 3) for px, py in arrow], fill=(0, 0, 0, 60))
        draw.polygon(arrow, fill="#111318", outline="white", width=2)
        return np.asarray(image)

    def _fade(self, seconds: float) -> None:
        before, after = self._shown.astype(np.float32), self._draw().astype(np.float32)
        n_steps = round(seconds * FRAMES_PER_S)
        for step in range(1, n_steps):
            part = step / n_steps
            self._write((before * (1 - part) + after * part).astype(np.uint8))

    def _write(self, picture: Picture) -> None:
        if self._encoder.stdin is not None:  # it was opened with a pipe
            self._encoder.stdin.write(np.ascontiguousarray(picture).tobytes())
        self._shown = picture.copy()
        self._n_frames += 1


def read_png(png: bytes) -> Picture:
    """Return the pixels of a PNG file: rows, columns, red-green-blue."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def write_captions(cues: list[Cue], target: Path) -> None:
    """Write captions as WebVTT."""
    blocks = [f"{_clock(cue.start_s)} --> {_clock(cue.end_s)}\n{cue.text}\n" for cue in cues]
    target.write_text("\n".join(["WEBVTT\n", *blocks]), encoding="utf-8")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes):02d}:{rest:06.3f}"


def _scaled(pixels: int) -> int:
    return round(pixels * SCALE)


def _open_encoder(target: Path) -> subprocess.Popen[bytes]:
    size = f"{_scaled(WIDTH)}x{_scaled(HEIGHT)}"
    given = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(FRAMES_PER_S), "-i", "-"]
    wanted: list[Any] = [
        # Pictures that are the same are one picture that stays: most of the film stands still.
        *("-vf", "mpdecimate=hi=64:lo=64:frac=0.0001", "-fps_mode", "vfr"),
        *("-c:v", "libx264", "-preset", "medium", "-crf", "24", "-tune", "animation"),
        *("-pix_fmt", "yuv420p", "-g", "250", "-threads", "1", "-movflags", "+faststart"),
        # The same film from the same pictures: no version, no date.
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
    ]
    command = ["ffmpeg", "-y", "-loglevel", "error", *given, *wanted, str(target)]
    return subprocess.Popen(command, stdin=subprocess.PIPE)
