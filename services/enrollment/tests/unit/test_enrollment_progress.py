"""What a person sees of a long work."""

import io

from enrollment.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_bar_fills_in_place():
    times = iter([0.0, 1.0, 2.0, 4.0])
    out = Terminal()
    bar = ProgressBar(out, 200, lambda: next(times))
    bar.show(50)
    bar.show(100)
    bar.end(200)
    *_, half, full = out.getvalue().rstrip("\n").split("\r")
    assert half == "[###############               ]  50%  100 of 200, 50/s"
    assert full == "[" + "#" * 30 + "] 100%  200 of 200, 50/s"


def test_where_nobody_watches_it_writes_a_line_every_ten_seconds():
    times = iter([0.0, 1.0, 2.0, 11.5, 12.0])
    out = io.StringIO()
    bar = ProgressBar(out, 0, lambda: next(times))
    for done in (1, 2, 3):
        bar.show(done)
    bar.end(4)
    assert len(out.getvalue().splitlines()) == 3
