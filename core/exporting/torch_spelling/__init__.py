"""How ops are written with PyTorch, by family. Where its conventions differ from ours, a note beside the line says so.

An op that no family spells is written as a line that raises `NotImplementedError` and names it.
A family is a module with `SPELLINGS`, by op; where it needs them `HELPERS`, functions that spelled code calls, by
name, and `NOTES`, remarks by op.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Note, Spelling
from ..families import gathered
from .words import WORDS, cast, dtype

__all__ = ["HELPERS", "MODULE_ATTRIBUTES", "NOTES", "SPELLINGS", "WORDS", "cast", "dtype"]

SPELLINGS: Mapping[str, Spelling] = gathered(__name__, "SPELLINGS")
HELPERS: Mapping[str, str] = gathered(__name__, "HELPERS")
NOTES: Mapping[str, Note] = gathered(__name__, "NOTES")

# Attributes of every `nn.Module`: a parameter must not bear their names.
_MODULE = """
T_destination add_module apply assigned bfloat16 buffers call_super_init children commit compile cpu cuda
double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half
ipu load_state_dict load_values modules mtia named_buffers named_children named_modules named_parameters parameters
register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty
train training type xpu zero_grad
"""
MODULE_ATTRIBUTES = frozenset(_MODULE.split())
