"""The Java class that React Native's build makes of a package's TypeScript spec, for the new architecture.

A native module there extends an abstract class with one method for each of ``interface Spec extends TurboModule``.
React Native generates it when the app is built (https://reactnative.dev/docs/turbo-native-modules-introduction), so
no package has it. A text is a `String`, a number a `double`, a flag a `boolean`; an array or any other type is a
readable array or map; an optional number or flag is boxed; a promise is the last parameter.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from intercom_conformance.bindings.packages import BindingError

__all__ = ["SpecUnreadable", "abstract_class"]

_INTERFACE: Final = re.compile(r"interface\s+Spec\s+extends\s+TurboModule\s*\{")
_METHOD: Final = re.compile(r"(?:readonly\s+)?(\w+)\s*(?::\s*)?\(([^()]*)\)\s*(?::|=>)\s*(\w+)")
_PARAMETER: Final = re.compile(r"(\w+)(\?)?\s*:\s*(.+)", re.DOTALL)
_TYPES: Final = {"string": "String", "number": "double", "boolean": "boolean"}
_BOXED: Final = {"double": "Double", "boolean": "Boolean"}
_RETURNS: Final = {"void": "void", "Promise": "void"} | _TYPES

_CLASS: Final = """\
package {package};

import com.facebook.react.bridge.*;
import com.facebook.react.turbomodule.core.interfaces.TurboModule;

public abstract class {name} extends ReactContextBaseJavaModule implements TurboModule {{
  public {name}(ReactApplicationContext context) {{
    super(context);
  }}
{methods}
}}
"""


@attrs.frozen(str=False)
class SpecUnreadable(BindingError):
    """The TypeScript spec has no interface `Spec`, or a method that cannot be read."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}; the Java class of the new architecture cannot be made. Use ?arch=old."


def abstract_class(source: str, file: str, package: str) -> str:
    """The text of the Java class for a spec file such as ``NativeIntercomSpec.ts``, which becomes ``…SpecSpec``.

    Raises:
        SpecUnreadable: the source has no ``interface Spec extends TurboModule`` or an unknown return type.
    """
    opening = _INTERFACE.search(source)
    if opening is None:
        raise SpecUnreadable(file, "it has no 'interface Spec extends TurboModule'")
    body = _block(source[opening.end() :])
    methods = [_method(file, *found) for found in _METHOD.findall(body)]
    return _CLASS.format(package=package, name=f"{file.partition('.')[0]}Spec", methods="\n".join(methods))


def _block(text: str) -> str:
    """What stands before the brace that closes the interface, without what stands in braces of its own."""
    kept, depth = [], 0
    for part in re.split(r"([{}])", text):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth < 0:
            break
        kept.append(part if depth == 0 else "")
    return "".join(kept)


def _method(file: str, name: str, parameters: str, returned: str) -> str:
    if returned not in _RETURNS:
        raise SpecUnreadable(file, f"{name} returns {returned}")
    written = [_parameter(*found) for text in parameters.split(",") for found in _PARAMETER.findall(text)]
    promise = ["Promise promise"] if returned == "Promise" else []
    return f"\n  public abstract {_RETURNS[returned]} {name}({', '.join(written + promise)});"


def _parameter(name: str, optional: str, kind: str) -> str:
    array = kind.rstrip().endswith("[]") or kind.startswith(("Array<", "ReadonlyArray<"))
    java = "ReadableArray" if array else _TYPES.get(kind.strip(), "ReadableMap")
    return f"{_BOXED.get(java, java) if optional else java} {name}"
