"""Folders of images: classes by folder, one size, grey or in colour; faults told by file."""

from __future__ import annotations

import struct
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gradwire.core.cancelling import Stopped
from gradwire.core.data import describe, files_of, folders, prepare, source
from gradwire.core.data.datasets import Options
from gradwire.core.errors import DataError

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20  # 3 high, 4 wide
COLOURS = np.arange(36, dtype=np.uint8).reshape(3, 4, 3) * 7


def refusals(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return [str(each) for each in caught.value.each]


def put(folder, name, pixels, **options):
    path = folder / "set" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def test_each_folder_is_a_class(tmp_path):
    put(tmp_path, "dog/b.png", COLOURS)
    put(tmp_path, "cat/2.bmp", COLOURS[::-1])
    put(tmp_path, "cat/1.PNG", COLOURS)
    (tmp_path / "set" / "cat" / "notes.txt").write_text("no image")
    (tmp_path / "set" / "cat" / ".hidden.png").write_text("no image")
    (tmp_path / "set" / ".cache").mkdir()
    (tmp_path / "set" / "list.txt").write_text("no folder")
    read = source("set/", tmp_path)
    assert (read.class_names, read.y.tolist(), read.x.shape) == (("cat", "dog"), [0, 0, 1], (3, 3, 3, 4))
    assert np.array_equal(read.x[0], (COLOURS / np.float32(255)).transpose(2, 0, 1))
    assert [str(read.place("x", row)) for row in range(3)] == ["set/cat/1.PNG", "set/cat/2.bmp", "set/dog/b.png"]
    assert sorted(files_of({"source": "set/"}, tmp_path)) == ["set/cat/1.PNG", "set/cat/2.bmp", "set/dog/b.png"]
    assert source("set/", tmp_path) is read
    put(tmp_path, "dog/a.png", COLOURS)
    assert len(source("set\\", tmp_path)) == 4


def test_pictures_that_are_no_longer_wanted_are_read_no_further(tmp_path):
    for number in range(5):
        put(tmp_path, f"a/{number}.png", GREY)
    for most in (2, 7):  # while headers are read, and pixels
        looks = iter(range(most))
        with pytest.raises(Stopped):
            source("set/", tmp_path, cancelled=lambda looks=looks: next(looks, None) is None)
        assert next(looks, None) is None
    assert len(source("set/", tmp_path)) == 5


def test_grey_where_all_are_or_where_it_is_asked_for(tmp_path):
    put(tmp_path, "a/1.png", GREY)
    put(tmp_path, "b/1.png", GREY > 100)
    assert source("set/", tmp_path).x.shape == (2, 1, 3, 4)
    assert source("set/", tmp_path, Options(colour="rgb")).x.shape == (2, 3, 3, 4)
    put(tmp_path, "b/2.png", COLOURS)
    assert source("set/", tmp_path).x.shape == (3, 3, 3, 4)
    grey = source("set/", tmp_path, Options(colour="grey"))
    assert np.array_equal(grey.x[0, ], GREY[None] / np.float32(255))  # fmt: skip


def test_one_size_and_what_is_brought_to_it(tmp_path):
    put(tmp_path, "a/1.png", np.full((3, 4), 100, np.uint8))
    put(tmp_path, "a/2.png", np.full((4, 3), 50, np.uint8))
    put(tmp_path, "b/3.png", np.full((9, 9), 200, np.uint8))
    hint = '("image_size": [3, 4] brings all to one size)'
    assert refusals(source, "set/", tmp_path) == [
        f"set/a/2.png: an image 3 high and 4 wide is required, as set/a/1.png is; found 4 by 3 {hint}",
        f"set/b/3.png: an image 3 high and 4 wide is required, as set/a/1.png is; found 9 by 9 {hint}",
    ]
    params = {"source": "set/", "image_size": [6, 2], "validation": 0.34, "stratify": False}
    found = prepare(params, tmp_path)
    assert describe(params, tmp_path).feature_shape == found.train.feature_shape == (1, 6, 2)
    values = np.unique([*np.asarray(found.train.x).ravel(), *np.asarray(found.validation.x).ravel()])
    assert (values * 255).round().tolist() == [50, 100, 200]


def test_a_photograph_on_its_side_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    put(tmp_path, "a/1.png", GREY, exif=exif)
    put(tmp_path, "a/2.png", np.rot90(GREY, -1).copy())
    read = source("set/", tmp_path)
    assert np.array_equal(read.x[0], read.x[1])


def test_what_is_transparent_lies_over_white(tmp_path):
    alpha = np.full((3, 4), 255, np.uint8)
    put(tmp_path, "a/1-opaque.png", np.dstack([COLOURS, alpha]))
    put(tmp_path, "a/2-not-there.png", np.dstack([COLOURS, 0 * alpha]))
    put(tmp_path, "a/3-half.png", np.dstack([0 * COLOURS, alpha // 2]))
    palette = Image.fromarray(COLOURS).quantize(8)
    palette.save(tmp_path / "set" / "a" / "4-palette.png", transparency=int(np.asarray(palette)[0, 0]))
    Image.fromarray(COLOURS).save(tmp_path / "set" / "a" / "5-key.png", transparency=tuple(COLOURS[0, 0].tolist()))
    read = np.asarray(source("set/", tmp_path).x)
    assert np.array_equal(read[0], (COLOURS / np.float32(255)).transpose(2, 0, 1))
    assert (read[1] == 1).all()
    assert (read[2] * 255).round().tolist() == np.full((3, 3, 4), 128).tolist()
    for row in (3, 4):
        assert (read[row, :, 0, 0] == 1).all()
        assert not (read[row] == 1).all()


def test_grey_that_is_transparent_stays_grey(tmp_path):
    put(tmp_path, "a/1.png", np.dstack([GREY, np.full((3, 4), 255, np.uint8)]))
    put(tmp_path, "a/2.png", np.dstack([GREY, np.zeros((3, 4), np.uint8)]))
    read = np.asarray(source("set/", tmp_path).x)
    assert np.array_equal(read[0], GREY[None] / np.float32(255))
    assert (read[1] == 1).all()


def test_what_8_bits_or_one_picture_do_not_hold_is_told(tmp_path):
    folder = tmp_path / "set" / "a"
    put(tmp_path, "a/1.png", GREY.astype(np.uint16) * 257)
    put(tmp_path, "a/2.tif", GREY.astype(np.float32))
    (folder / "3.ppm").write_bytes(b"P6 4 3 65535\n" + (COLOURS.astype(">u2") * 257).tobytes())
    rows = b"".join(b"\0" + row.tobytes() for row in COLOURS.astype(">u2") * 257)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 4, 3, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in parts]
    (folder / "4.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    second = [Image.fromarray(COLOURS[::-1].copy())]
    for name in ("5.gif", "6.tif", "7.png", "8.webp"):
        put(tmp_path, f"a/{name}", COLOURS, save_all=True, append_images=second)
    deep = (
        "set/a/{}: an image of 8 bits a channel is required; found one of {}"
        " (save it with 8 bits, or save numbers as .npy)"
    )
    several = (
        "set/a/{}: a file of one picture is required; found 2 pictures (save each that is meant as a file of its own)"
    )
    assert refusals(source, "set/", tmp_path) == [
        deep.format("1.png", "the mode I;16"),
        deep.format("2.tif", "the mode F"),
        deep.format("3.ppm", "16"),
        deep.format("4.png", "16"),
        *(several.format(name) for name in ("5.gif", "6.tif", "7.png", "8.webp")),
    ]


def test_what_is_not_there(tmp_path):
    (tmp_path / "set").mkdir()
    assert refusals(source, "set/", tmp_path) == [
        (
            "set/: a folder for each class is required, with its images; found no folder in it"
            " (set/cat/1.png, set/dog/1.png)"
        )
    ]
    (tmp_path / "set" / "cat").mkdir()
    assert refusals(source, "set/", tmp_path) == [
        (
            'set/cat/: an image of the class "cat" is required; found none (files that end in .bmp, .gif, .jpg, .jpeg,'
            " .png, .pgm, .ppm, .tif, .tiff, .webp; or take the folder away)"
        )
    ]
    assert refusals(source, "sat/", tmp_path) == [
        'the folder "sat/" is not in the document\'s folder (data files there: "set/")'
    ]
    assert refusals(source, "set", tmp_path)[0].endswith(
        '(did you mean "set/"? data files there: "set/"; built in: breast_cancer, diabetes, digits, iris, wine;'
        " made: moons, spirals, blobs, xor, sine, shapes; a folder's name ends in /)"
    )
    assert refusals(source, "../set/", tmp_path)[0].startswith("a data file must lie in the document's own folder")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_no_link_out_of_the_folder(tmp_path):
    inner = tmp_path / "inner"
    put(inner, "a/1.png", GREY)
    put(tmp_path, "a/2.png", GREY)
    (inner / "set" / "a" / "2.png").symlink_to(tmp_path / "set" / "a" / "2.png")
    assert refusals(source, "set/", inner) == [
        "set/a/2.png: a file within that folder is required; found a link elsewhere (copy it there)"
    ]


def test_files_that_are_no_images_are_told_together(tmp_path, monkeypatch):
    put(tmp_path, "a/1.png", GREY)
    (tmp_path / "set" / "a" / "2.png").write_text("<svg/>")
    put(tmp_path, "a/3.png", np.full((2, 2), 40_000, np.uint16))
    cut = put(tmp_path, "b/4.png", np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8))
    cut.write_bytes(cut.read_bytes()[:900])
    found = refusals(source, "set/", tmp_path)
    assert found == [
        (
            'set/a/2.png: a whole image is required; found a damaged one, or something else: "cannot identify image'
            " file '2.png'\" (take it away, or save it again as PNG)"
        ),
        (
            "set/a/3.png: an image of 8 bits a channel is required; found one of the mode I;16"
            " (save it with 8 bits, or save numbers as .npy)"
        ),
        (
            'set/b/4.png: a whole image is required; found a damaged one, or something else: "image file is truncated"'
            " (take it away, or save it again as PNG)"
        ),
    ]
    (tmp_path / "set" / "a" / "2.png").unlink()
    (tmp_path / "set" / "a" / "3.png").unlink()
    cut.unlink()
    put(tmp_path, "b/4.png", GREY)
    monkeypatch.setattr(folders, "MOST_PIXELS", 11)
    assert refusals(source, "set/", tmp_path, Options(image_size=(1, 1)))[0] == (
        "set/a/1.png: an image of at most 11 pixels is required; found 4 by 3"
    )


def test_more_than_memory_is_refused_before_anything_is_read(tmp_path, monkeypatch):
    put(tmp_path, "a/1.png", GREY)
    monkeypatch.setattr(folders, "IN_MEMORY", 11)
    assert refusals(source, "set/", tmp_path) == [
        (
            "set/: at most 11 bytes of pixels are read into memory; (1, 1, 3, 4) would take 12"
            ' (a smaller "image_size"; or save them as one .npy, which may be larger than memory)'
        )
    ]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), ending=st.sampled_from(["png", "jpg", "gif", "bmp", "webp", "tif", "pgm"]), cut=st.booleans())
def test_no_damaged_image_does_harm(tmp_path_factory, data, ending, cut):
    folder = tmp_path_factory.mktemp("images")
    path = put(folder, f"a/1.{ending}", GREY)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if cut:
        del content[place:]
    else:
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    message = "read: damage to the pixels themselves cannot always be seen"
    try:
        read = source("set/", folder, Options(image_size=(3, 4)))
        assert read.x.shape[2:] == (3, 4)
    except DataError as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < 300
