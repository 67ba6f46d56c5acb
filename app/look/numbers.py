"""Numbers as people read them; the one place that spells them. Each is a Python number or a scalar of NumPy's."""

from __future__ import annotations

import re
from math import floor, isinf, log10
from typing import Any

LONGEST_WHOLE = 10**9  # integers from here on are rounded where room is short
LEAST, MOST = -3, 1e5  # a smaller power of ten, and a larger number, are told with an exponent
NEARLY_ZERO = "~0"  # what is not zero, where there is no room to tell more
_CLOSE = 0.01  # to a half of the last digit that is shown, in such units, where computing may have moved a half
_EXPONENT = re.compile(r"e([+-]?)0*(\d)")


def exact(number: Any) -> str | None:
    """Truth values, integers and what is not finite, none of which is rounded; None for any other number."""
    number = _plain(number)
    if isinstance(number, bool):
        return "true" if number else "false"
    if isinstance(number, int):
        return _signed(f"{number:,}".replace(",", "\u00a0"))
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "∞" if number > 0 else "−∞"
    return None


def fixed(number: Any, decimals: int) -> str:
    """So many digits after the point: 2.540. A small number has as many digits that tell something: 0.0131, 1.306e−4.

    So has a large one: 1.306e5. Only zero looks like zero.
    """
    text, size = _begun(number)
    if size is None:
        return text or _of_complex(number, decimals)
    least = max(decimals, 1)
    power = _power(size, least, number) if size else 0
    if power >= LEAST and size < 2 * MOST:
        shown = _rounded(size, max(decimals, least - 1 - power), number)
        if float(shown) < MOST:
            return text + shown
    return text + _with_exponent(size, decimals, number)


def significant(number: Any, digits: int) -> str:
    """With so many digits in all, zeros at the end left out; integers in full."""
    text, size = exact(number), None
    if text is None:
        text, size = _begun(number)
    if size is None:
        return text or _of_complex(number, digits)
    power = _power(size, digits, number) if size else 0
    if LEAST - 1 <= power < digits:
        shown = _rounded(size, digits - 1 - power, number)
        return text + (shown.rstrip("0").rstrip(".") if "." in shown else shown)
    mantissa, exponent = _with_exponent(size, digits - 1, number).split("e")
    return text + (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + "e" + exponent


def full(number: Any) -> str:
    """With seven digits after the point; of a float32 the fewest digits that no other float32 reads as."""
    if str(getattr(number, "dtype", "")) in ("float16", "float32"):
        return significant(float(str(number)), 9)
    return exact(number) or fixed(number, 7)


def short(number: Any) -> str:
    """In at most eight characters: four digits after the point, or as many as these leave room for."""
    texts = [fixed(number, decimals) for decimals in range(4, -1, -1)]
    return next((text for text in texts if len(text) <= 8), texts[-1])


def percent(share: float) -> str:
    """A share of 1 in whole percent, `36 %`: what would round to 0 has one digit more, while that tells anything."""
    digits = int(0.0005 <= abs(share) < 0.005)
    told = f"{round(100 * float(share), digits) + 0.0:.{digits}f}"  # what is 0 has no sign
    return f"{told}\u202f%".replace("-", "−")


def brief(number: Any, decimals: int, letters: int | None = None) -> str:
    """So many digits after the point and no more, for a cell of a tensor: 0.13, −3e−4, 1e5, and zero as 0.

    A number that these digits make zero has one digit that tells something. Where that has no room in so many
    `letters` it is told shorter, .03, or else as ~0. Any other number is then told with fewer decimals, 12.3,
    or without the zero before them, −.4, where that is short enough.
    """
    text, size = _begun(number)
    if size is None:
        return text or _of_complex(number, decimals)
    shown = _rounded(size, decimals, number) if size < 2 * MOST else ""
    if not shown or float(shown) >= MOST:
        return text + _with_exponent(size, 0, number)
    if size and not float(shown):
        texts = (text + each for each in (_with_exponent(size, 0, number), *_without_zero(size, number)))
        return next((each for each in texts if letters is None or len(each) <= letters), NEARLY_ZERO)
    told = text + (shown if size else "0")
    if letters is None or len(told) <= letters:
        return told
    fewer = [text + _rounded(size, each, number) for each in range(decimals - 1, -1, -1)]
    others = fewer if size >= 1 else [text + shown.removeprefix("0")]
    return next((each for each in others if len(each) <= letters), told)


def _without_zero(size: float, number: Any) -> tuple[str, ...]:
    """A number below 1 in as few letters as tell something of it, where it is not too small for that: .03."""
    power = _power(size, 1, number)
    return (_rounded(size, -power, number).removeprefix("0"),) if power >= LEAST else ()


def tells_all(text: str) -> bool:
    """Whether a text of `brief` tells more of a number than that it is small."""
    return text != NEARLY_ZERO


def _begun(number: Any) -> tuple[str, float | None]:
    """The sign and the size of a number that is rounded; its text and None if it is not, and "" of a complex one."""
    plain = _plain(number)
    text = exact(plain)
    if text is not None and not (isinstance(plain, int) and abs(plain) >= LONGEST_WHOLE):
        return text, None
    return ("", None) if isinstance(plain, complex) else ("−" if plain < 0 else "", abs(float(plain)))


def _rounded(size: float, decimals: int, number: Any) -> str:
    """With so many digits after the point, halves up. What computing may have made of a half is one."""
    return f"{_moved(size, 10.0**-decimals, number):.{decimals}f}"


def _power(size: float, digits: int, number: Any) -> int:
    """The power of ten of the first digit, once rounded to so many digits."""
    return int(_scientific(size, digits - 1, number)[1])


def _with_exponent(size: float, decimals: int, number: Any) -> str:
    mantissa, power = _scientific(size, decimals, number)
    return f"{mantissa}e{'−' if power < 0 else ''}{abs(power)}"


def _scientific(size: float, decimals: int, number: Any) -> tuple[str, int]:
    unit = 10.0 ** (floor(log10(size)) - decimals)
    mantissa, power = f"{_moved(size, unit, number):.{decimals}e}".split("e")
    return mantissa, int(power)


def _moved(size: float, unit: float, number: Any) -> float:
    """Larger by what computing may have taken of a number of this kind, but by little of a unit of its last digit."""
    noise = 1e-6 if getattr(number, "itemsize", 8) < 8 else 1e-9
    moved = size + min(size * noise, _CLOSE * unit)
    return size if isinf(moved) else moved


def _of_complex(number: Any, digits: int) -> str:
    return _signed(_EXPONENT.sub(r"e\1\2", f"{_plain(number):.{max(digits, 1)}g}").replace("e+", "e"))


def _plain(number: Any) -> Any:
    return number.item() if hasattr(number, "item") else number


def _signed(text: str) -> str:
    return text.replace("-", "−")  # as long and as high as a plus
