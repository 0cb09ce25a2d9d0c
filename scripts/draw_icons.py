"""Draws icon.png and logo.png: a closed lock, with an arrow that keeps coming round."""

import sys
from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[1]

ICON_SIZE = (128, 128)
LOGO_SIZE = (250, 100)
FINER = 8
"""Everything is drawn this many times larger, then shrunk: Pillow has no smooth edges."""

TEAL_LIGHT, TEAL_DARK = (26, 146, 152), (12, 104, 118)
WHITE = (255, 255, 255)
WORDS_COLOUR = (20, 138, 148)
"""Dark enough for a white page, light enough for a dark one."""
WORDS = ("U-tec", "Gateway")

Colour = tuple[int, int, int]
Spot = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Square:
    """A square canvas measured in hundredths of its side, whatever its real size."""

    image: Image.Image
    left: float
    top: float
    side: float

    def _x(self, x: float) -> float:
        return self.left + x * self.side / 100

    def _y(self, y: float) -> float:
        return self.top + y * self.side / 100

    def _box(self, left: float, top: float, right: float, bottom: float) -> Box:
        # Pillow paints the last pixel too.
        return self._x(left), self._y(top), self._x(right) - 1, self._y(bottom) - 1

    def block(self, box: tuple[float, float, float, float], radius: float, colour: Colour) -> None:
        """Paint a rectangle with round corners."""
        ImageDraw.Draw(self.image).rounded_rectangle(
            self._box(*box), radius * self.side / 100, fill=colour
        )

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Paint a full circle."""
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        ImageDraw.Draw(self.image).ellipse(box, fill=colour)

    def arc(
        self, centre: Spot, radius: float, width: float, turn: tuple[float, float], colour: Colour
    ) -> None:
        """Paint a part of a ring, clockwise; degrees are counted from three o'clock."""
        x, y = centre
        outer = radius + width / 2
        box = self._box(x - outer, y - outer, x + outer, y + outer)
        thick = round(width * self.side / 100)
        ImageDraw.Draw(self.image).arc(box, *turn, fill=colour, width=thick)

    def point(self, *corners: Spot, colour: Colour) -> None:
        """Paint a polygon."""
        ImageDraw.Draw(self.image).polygon(
            [(self._x(x), self._y(y)) for x, y in corners], fill=colour
        )


def on_ring(centre: Spot, radius: float, degrees: float) -> Spot:
    """Return a point at an angle, clockwise from three o'clock."""
    angle = radians(degrees)
    return centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)


def draw_tile(image: Image.Image, left: int, top: int, side: int) -> None:
    """Paint the ground: one colour at the top, a darker one at the bottom, round corners."""
    ground = Image.new("RGB", (1, side))
    for row in range(side):
        share = row / (side - 1)
        ground.putpixel(
            (0, row),
            (
                round(TEAL_LIGHT[0] + (TEAL_DARK[0] - TEAL_LIGHT[0]) * share),
                round(TEAL_LIGHT[1] + (TEAL_DARK[1] - TEAL_LIGHT[1]) * share),
                round(TEAL_LIGHT[2] + (TEAL_DARK[2] - TEAL_LIGHT[2]) * share),
            ),
        )
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), round(side * 0.22), fill=255)
    image.paste(ground.resize((side, side)), (left, top), mask)


def draw_lock(square: Square) -> None:
    """Paint the lock, closed, and on its body the arrow that comes round."""
    square.arc((50.0, 33.5), 17, 8.5, (180, 360), WHITE)
    square.block((28.75, 33, 37.25, 50), 0, WHITE)
    square.block((62.75, 33, 71.25, 50), 0, WHITE)
    square.block((18, 43, 82, 88), 9, WHITE)
    draw_renewal(square, (50.0, 66.0))


def draw_renewal(square: Square, centre: Spot) -> None:
    """Paint the arrow: three quarters of a ring, and a head where it arrives."""
    radius, width, begin, end = 12.5, 5.5, -20.0, 262.0
    square.arc(centre, radius, width, (begin, end), TEAL_DARK)
    square.disc(*on_ring(centre, radius, begin), width / 2, TEAL_DARK)
    ahead = end + 46
    square.point(
        on_ring(centre, radius - 7.4, end),
        on_ring(centre, radius + 7.4, end),
        on_ring(centre, radius + 0.5, ahead),
        colour=TEAL_DARK,
    )


def draw_mark(image: Image.Image, left: int, top: int, side: int) -> None:
    """Paint ground and lock."""
    draw_tile(image, left, top, side)
    draw_lock(Square(image, left, top, side))


def canvas(size: tuple[int, int]) -> Image.Image:
    """Return a large transparent canvas.

    What cannot be seen has the colour of the edge, so that shrinking leaves no fringe.
    """
    width, height = size
    return Image.new("RGBA", (width * FINER, height * FINER), (*WORDS_COLOUR, 0))


def icon() -> Image.Image:
    """Return the add-on's icon."""
    image = canvas(ICON_SIZE)
    margin = 4 * FINER
    draw_mark(image, margin, margin, image.width - 2 * margin)
    return image.resize(ICON_SIZE, Image.Resampling.BOX)


def logo() -> Image.Image:
    """Return the icon with the name beside it, in two lines."""
    image = canvas(LOGO_SIZE)
    side = 84 * FINER
    top = (image.height - side) // 2
    draw_mark(image, top, top, side)
    font = ImageFont.load_default(33 * FINER)
    for line, baseline in zip(WORDS, (46, 80), strict=True):
        ImageDraw.Draw(image).text(
            (106 * FINER, baseline * FINER),
            line,
            font=font,
            fill=(*WORDS_COLOUR, 255),
            anchor="ls",
            stroke_width=FINER // 2,
        )
    return image.resize(LOGO_SIZE, Image.Resampling.BOX)


def main(folder: Path = ROOT) -> None:
    """Write both pictures."""
    icon().save(folder / "icon.png", optimize=True)
    logo().save(folder / "logo.png", optimize=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
