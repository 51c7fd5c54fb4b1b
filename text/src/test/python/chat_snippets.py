"""Snippets of templates for make_chat_goldens.py, and the variables that they read."""

VARIABLES = {
    "n": 7, "z": 0, "f": 2.5, "big": 123456789012, "t": True, "no": False, "nil": None, "empty": "", "s": "Hello World",
    "p": "  pad\n", "u": "größe \U0001f642 ß", "q": "it's \"q\"\n\t\\", "html": "<a href='x'>&</a>",
    "xs": [3, 1, 2], "ys": ["b", "A", "c", "a"], "mixed": [1, 2.0, "x", None, True, [1], {"k": "v"}],
    "d": {"b": 1, "a": 2, "items": "shadow", "C": [1, 2]}, "deep": {"a": {"b": [{"c": "found"}]}},
    "rows": [{"n": "x", "v": 2, "on": True}, {"n": "y", "v": 1, "on": False}, {"n": "z", "v": 2}],
    "tree": [{"v": 1, "sub": [{"v": 2, "sub": [{"v": 3, "sub": []}]}]}, {"v": 4, "sub": []}],
    "lines": "one\n\n  two\nthree",
}  # fmt: skip

# Each of these stands between {{ and }}.
EXPRESSIONS = r"""
1 + 2 * 3 - 4
7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 / 2, 8 / 2
2 ** 10, 2 ** -1, 2 ** 3 ** 2, -2 ** 2
7.5 // 2, -7.5 % 2, 1e3, 1.5e-7, 1e16, 1e15, 123456789.123, 0.1 + 0.2, 1_000
1 / 3, 10 / 5, 1e100, -0.0, 5 % -3, 5.5 % -3
n / z
n % z
true + 1, true and 1, 0 or "x", "" or nil, not nil, not not 3
1 < 2 < 3, 1 < 3 < 2, 1 == 1.0, true == 1, "1" == 1, nil == none, 3 in xs, "x" not in ys
"a" < "b", [1, 2] < [1, 3], "Z" < "a", (1, 2) == (1, 2), [1] == (1,)
1 < "a"
nil < 1
nil + 1
"a" + 1
"a" ~ 1 ~ nil ~ 2.0 ~ true ~ [1]
"ab" * 3, [1] * 2, 0 * "x", "x" * -1
"a" "b" 'c'
-n, +n, - -n, -f, -true
not n == 7, not (n == 7)
n is odd and n is not even or false
1 if no
"yes" if n > 5 else "no"
1 if no else 2 if t else 3
("a" if no) is defined
(1,), (), (1, 2), [], {}, [1, "a", nil, true, 1.0]
{"a": 1, "b": [1, (2, 3)], 1: 2, nil: t}
{"a": 1,}
[1, 2,]
n, s
mixed
q
[q], ["it's"], ['say "x"'], ["a\nb"], ["é\u200b\x00\x7f\xa0"], ["\U0001f642"]
d
u, [u]
"\x41\u00e9\n\101\'\"\\ \q"
xs[0], xs[-1], xs[1:], xs[:-1], xs[::-1], xs[::2], xs[5:], xs[-2:], xs[2:0:-1]
s[0], s[-1], s[1:4], s[::-1], s[:-3], u[::-1], u[6], u[-1]
(1, 2, 3)[1:], (1, 2)[0]
xs[10] is defined
xs[10]
xs["a"] is defined, d[0] is defined, d.missing is defined
d.a, d["a"], d.items is callable, d["items"], d.get("items"), d.C[1]
deep.a.b[0].c, deep["a"]["b"][0]["c"], deep.a.b.0.c
deep.x.y
nothing.x
nothing, nothing ~ "x", nothing is undefined, nothing | length, nothing | list, nothing == nope
nothing + 1
"x" + nothing
nothing + "x"
nothing[0]
nothing()
-nothing
nothing | default("d"), nothing | default, empty | default("e"), empty | default("e", true), nil | d("x"), nil | d("x", true)
nothing | upper, nothing | join(","), nothing | first is defined, nothing | string
nothing | tojson
[nothing]
[nothing] | length
nothing in xs
"x" in nothing
1 in nil
nothing < 1
nothing.x is defined
nothing | default({"a": 1}) | tojson
nil.x is defined, nil.x | default("none")
nil.x.y
nil | length
n.foo is undefined, s.nope is undefined
s.upper(), s.lower(), s.title(), s.capitalize(), s.swapcase(), "hELLO wORLD".capitalize(), "it's a-b".title()
p.strip(), p.lstrip(), p.rstrip(), "xxaxx".strip("x"), "abcba".lstrip("ab"), "a.b,".rstrip(",."), "\n\na\n".strip("\n")
"a,b,,c".split(","), "a b  c ".split(), "a,b,c".split(",", 1), "".split(), "".split(","), " x ".split(" "), "a b c".split(none, 1)
"a,b,c".rsplit(",", 1), "a b c".rsplit(maxsplit=1), "a--b--c".rsplit("--", 1), "abc".split("abc")
"a\nb\r\nc".splitlines(), "a\n\n".splitlines(), "".splitlines(), "a\x0bb".splitlines(), "a\nb".splitlines(true)
s.startswith("He"), s.startswith(("x", "H")), s.endswith("d"), s.startswith(""), s.startswith("W", 6), s.endswith(("d", "e"))
s.replace("o", "0"), s.replace("o", "0", 1), "aaa".replace("", "-"), "abc".replace("b", "")
s.find("o"), s.find("zz"), s.rfind("o"), s.index("W"), s.count("l"), s.find("o", 5), "aaa".count(""), u.find("ß")
s.index("zz")
"-".join(["a", "b"]), "".join([]), ", ".join(ys), ",".join("abc")
"-".join([1, 2])
"{} and {}".format(1, "x"), "{0}{1}{0}".format("a", "b"), "{x}".format(x=n), "{{}}".format()
"{:.2f} {:>5} {:<4}| {:^5} {:03d} {:,}".format(f, "ab", "c", "m", 7, 1234567)
"{!r} {a[0]} {b.x}".format("s", a=xs, b={"x": 1})
"%s is %d and %.2f %5s|%-5s|%05d|%x|%%|%r" % ("a", 3, f, "r", "l", 42, 255, "q")
"%s" % n, "%s" % nil, "%s %s" % (xs, d), "%(a)s" % {"a": 1}
"%d" % "x"
"%s %s" % "x"
"123".isdigit(), "12a".isdigit(), "".isdigit(), "abc".isalpha(), "a1".isalnum(), " \n".isspace(), "AB".isupper(), "ab1".islower(), "Ab Cd".istitle(), "1".isnumeric(), "1".isdecimal(), "x".isascii()
"abc".removeprefix("a"), "abc".removesuffix("c"), "abc".removeprefix("x"), "7".zfill(3), "-7".zfill(3), "ab".ljust(4) ~ "|", "ab".rjust(4), "ab".center(5) ~ "|", "ab".center(7, "*")
"a=b=c".partition("="), "a=b=c".rpartition("="), "abc".partition("="), "abc".rpartition("=")
"Straße".upper(), "ÀÉ".lower(), "ß".casefold(), "ǆ".title(), "İ".lower() | length
d.get("a"), d.get("zz"), d.get("zz", 5)
d.keys(), d.values(), deep.items()
d.keys() | list, d.values() | list, {"a": 1}.items() | list
d.keys() | length, "a" in d.keys(), d.keys() | first, d.keys() is iterable, d.keys() is sequence
d.keys()[0] is defined
{"a": 1}.copy(), xs.copy(), xs.index(1), xs.count(1), (1, 2).index(2)
xs.index(99)
xs.append(4)
xs.pop()
d.update({"x": 1})
d.pop("a")
xs.sort()
xs.reverse()
s.__class__
s.__class__.__mro__
s.upper is defined, s.upper is callable, s.nope()
s | upper, s | lower, s | title, s | capitalize, s | length, s | count, s | reverse, s | first, s | last, s | list, s | trim("Hd")
"foo bar-baz (qux) it's a_b x/y" | title, "ABC dEF" | title
p | trim ~ "|", q | string, n | string, nil | string, xs | string, 1.0 | string
xs | join, xs | join(", "), rows | join(",", attribute="n"), s | join("-"), {"a": 1, "b": 2} | join("-")
xs | sort, xs | sort(reverse=true), ys | sort, ys | sort(case_sensitive=true), rows | sort(attribute="v") | map(attribute="n") | join, rows | sort(attribute="v,n", reverse=true) | map(attribute="n") | join
xs | min, xs | max, ys | min, ys | max, rows | max(attribute="v"), xs | sum, rows | sum(attribute="v"), [] | sum, xs | sum(start=10), [] | max is defined
mixed | sort
xs | first, xs | last, xs | length, [] | first is defined, xs | reverse | list, xs | list
[1, 1, 2, "a", "A"] | unique | list, ["a", "A"] | unique(case_sensitive=true) | list, rows | unique(attribute="v") | map(attribute="n") | list
ys | map("upper") | list, rows | map(attribute="n") | list, rows | map(attribute="q", default="-") | list, ys | map("replace", "a", "z") | join, [[3, 1], [2]] | map("sort") | list, ["1", "2"] | map("int") | sum
[0, 1, "", "a", nil] | select | list, [1, 2, 3] | select("odd") | list, xs | select("gt", 1) | list, xs | reject("eq", 1) | list, [0, 1] | reject | list
rows | selectattr("on") | map(attribute="n") | list, rows | selectattr("v", "equalto", 2) | map(attribute="n") | list, rows | rejectattr("on") | map(attribute="n") | list, rows | selectattr("on", "defined") | list | length, rows | selectattr("n", "in", ["x", "z"]) | list | length
rows | selectattr("v", "==", 2) | list | length, xs | select(">=", 2) | list, xs | select("!=", 2) | list, xs | select("<", 3) | list
"some" if (rows | selectattr("v", "equalto", 99)) else "none"
"some" if (rows | selectattr("v", "equalto", 99) | list) else "none"
rows | selectattr("v") | length
(rows | map(attribute="n"))[0] is defined
rows | selectattr("v") | first, rows | map(attribute="v") | last is defined
rows | groupby("v") | list | length, rows | groupby("v") | map("first") | list, rows | groupby("on", default=false) | list | length
[1, 2, 3, 4, 5] | batch(2) | list, [1, 2, 3] | batch(2, "x") | list, [1, 2, 3, 4, 5] | slice(2) | list, [1, 2, 3] | slice(2, "x") | list
d | dictsort, {"b": 1, "a": 2} | dictsort(by="value"), {"b": 1, "A": 2} | dictsort(true), {"b": 1, "a": 2} | dictsort(reverse=true)
{"a": 1, "b": 2} | items | list, nothing | items | list, d | list, d | length, d | first
d | tojson, mixed | tojson, q | tojson, u | tojson, html | tojson, 1.0 | tojson, 1e20 | tojson, nil | tojson, (1, 2) | tojson, t | tojson
d | tojson(indent=2)
{"a": [], "b": {}, "c": [1, {"d": 2}]} | tojson(indent=4)
d | tojson(sort_keys=true, separators=(",", ":")), {2: 2, nil: 3, true: 4, 1.5: 5} | tojson, "\u2028\x7f\x1f/" | tojson, u | tojson(ensure_ascii=true), [1, [2]] | tojson(indent=none)
d | tojson(true), [1] | tojson(false, 1), {"a": 1} | tojson(separators=(",", ": "), indent=1)
xs | map("tojson") | join, rows | first | tojson | upper
d.keys() | tojson
"42" | int, "4.7" | int, "x" | int, "x" | int(5), 4.9 | int, -4.9 | int, nil | int, "" | int, true | int, "0x1f" | int(0, 16), " 12 " | int, "1_000" | int
"4.5" | float, "x" | float, 3 | float, "x" | float(1.5), "1e3" | float, nil | float
3.7 | round, 2.5 | round, 3.14159 | round(2), 2.1 | round(0, "ceil"), 2.9 | round(method="floor"), 7 | round, 1234.5 | round(-2), 0.125 | round(2), 2.675 | round(2)
-3 | abs, (-3) | abs, (-2.5) | abs, n | abs
s | replace("o", "0"), s | replace("o", "0", 1), 12321 | replace("2", "x")
lines | indent, lines | indent(2), lines | indent(2, true), lines | indent(2, true, true), lines | indent(width=1, first=true), "a\n" | indent, lines | indent("> ")
(html | escape) ~ (html | e) ~ (html | safe) ~ (html | forceescape) ~ (html | striptags) ~ ("a  b" | striptags)
"a b c" | wordcount, "word" | center(10) ~ "|", "x" | center(4) ~ "|", "%s-%s" | format(1, "b"), "hello big world" | truncate(9), "hello big world" | truncate(9, true), "hello" | truncate(9), "hello big world" | truncate(9, false, "!", 0)
rows[0] | attr("n") is defined, s | attr("upper") is defined
s | nosuchfilter
s is nosuchtest
n is number, f is number, t is number, s is number, n is integer, t is integer, f is integer, f is float, t is boolean, n is boolean, nil is none, nil is not none
s is string, n is string, xs is sequence, s is sequence, d is sequence, d is mapping, xs is mapping, n is iterable, s is iterable, (1, 2) is sequence, range(3) is sequence, range(3) is iterable
t is true, no is false, 1 is true, n is odd, n is even, n is divisibleby 7, n is divisibleby(2), n is eq 7, n is ne 7, n is gt 5, n is lt(5), n is ge 7, n is le 7, n is equalto(7), n is in [7], n is not in [7], n is sameas n
1 is sameas true, true is sameas true, 1.0 is eq 1, nil is sameas none
"abc" is lower, "ABC" is upper, "Abc" is lower, "1" is lower, n is callable, range is callable
nothing is none, nothing is string, nothing is iterable, nothing is sequence, nothing is mapping, nothing is number
n is defined and n is number, nothing is defined or n is defined, not n is defined, n is not defined
n is odd is true
f is odd
s is odd
range(3) | list, range(1, 4) | list, range(5, 0, -2) | list, range(0) | list, range(3)[1], range(3) | length, range(4)[1:3] | list, range(3)
range(0, 3, 0)
dict(a=1, b=2), dict({"a": 1}, c=3), dict([["a", 1]]), dict()
namespace(a=1).a, namespace({"b": 2}).b, namespace().c is defined
raise_exception("stop")
strftime_now("%Y-%m-%d"), strftime_now("%d %b %Y"), strftime_now("%B %-d, %Y %H:%M:%S"), strftime_now("%A %a %j %p %I %y %%"), strftime_now("%e|%-m|%-I|%D|%F|%T|%R")
{"a": 1} == {"a": 1}, [1, [2]] == [1, [2]], {"a": 1} == {"a": 1.0}, "a" in {"a": 1}
xs + [4], xs + xs, (1,) + (2,)
xs + (1,)
xs - xs
"a" in "abc", "" in "abc", 1 in [true], [1] in [[1]]
1 in "abc"
d == deep, xs != xs[::-1], s == "Hello World"
9223372036854775807, 2 ** 62
f | int // 2, xs | length * 2, "a" ~ (n + 1), 2 * n ~ "x", -n | abs, n + xs | length
s | upper | lower | title, (s | upper)[0], (xs | sort)[0], s.split(" ") | map("lower") | join("+"), xs | sort | first
s.split(" ")[0].lower().upper(), (s ~ "!").upper(), [s, u][0][0], {"f": s}.f[0:2], "%s" | format(s) | upper
"}}" ~ "%}" ~ "{{", '{#', "#}"
{"a": {"b": 1}}
"ab" * [1]
[1] * "ab"
nil[1:]
xs[99999999999] is defined, range(4)[::-1]
xs | indent
nil | indent
nothing | int
nothing | float
"it's größe a-b" | wordcount, "aß".swapcase()
-1 is number, (n if t else z) is odd, n is odd if t else 0
xs is sequence and xs is not string, xs is not mapping and xs[0] == 3
nothing.a.b | default("x")
(nothing.a) | default("x")
"a" if nothing else "b", nothing or "z", nothing and 1, not nothing
"x" ~ nothing.a
[1, 2] is eq [1, 2], "a" is in "abc", s is not string
loop is defined, caller is defined, varargs is defined
3 | string ~ 4, 1.5 | string | length, [1.0, 1e-5, 123456.789e3, 1.7976931348623157e308]
"A" "b" | lower
xs[1]|string, xs[0:2]|join, d['a']|string + "x", (xs|first)|string
xs[true], xs[1.0] is defined
s["upper"] is defined, d["keys"] is defined, d.keys is defined, xs["append"] is defined
"a" * 2 + "b" * 2, 10 - 2 - 3, 2 * 3 % 4, 100 // 7 // 2
u | length, u | upper, u | reverse, u | list | length, "e\u0301" | length, "👩‍👧" | length
html ~ (html | e), (html | e) ~ html
(html | e | upper) ~ ("<b>" | e).upper()
"a\\nb", 'a\nb', "tab\there", "nul" ~ "\0"
big * 1000, big // 7, big % 1000, big | string | length
1 == 1 == true, (1 == 1) == true, 3 > 2 > 1 > 0, 1 != 2 != 1
"%.3s|%5.1f|%+d|%e|%g|%i" % ("abcdef", 3.14159, 5, 12345.678, 0.0001, 3.9)
rows | map(attribute="n") | join(" ") | upper | replace("X", "!")
rows[0].n ~ rows[-1]["v"], rows[0]["on"], rows[2].on is defined, rows[1:] | length, rows[::-1][0].n
"""

# Each of these is a template; \n and \t stand for themselves.
TEMPLATES = r"""
{% for x in xs %}{{ x }},{% endfor %}
{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}
{% for x in xs %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {{ loop.cycle('a', 'b') }} {{ loop.changed(x > 1) }};{% endfor %}
{% for x in [] %}x{% else %}none{% endfor %}{% for x in nothing %}x{% else %}undef{% endfor %}
{% for x in nil %}x{% endfor %}
{% for x in 5 %}x{% endfor %}
{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% else %}none{% endfor %}
{% for x in xs if x > 9 %}{{ x }}{% else %}none{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for k, v in deep.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in deep %}{{ k }}{% endfor %}{% for c in "ab" %}{{ c }}.{% endfor %}
{% for k, v in {"a": 1, "b": 2}|dictsort %}{{ k }}{{ v }}{% endfor %}
{% for a, b in [[1, 2], (3, 4), "xy"] %}{{ a }}{{ b }} {% endfor %}
{% for (a, b), c in [[[1, 2], 3]] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a, b in [[1]] %}{{ a }}{% endfor %}
{% for x in xs %}{% if loop.index == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}
{% for x in xs %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}after
{% for x in xs %}{% for y in ys %}{% if loop.first %}{% continue %}{% endif %}{% if y == "c" %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}|{% endfor %}
{% for x in xs %}{% break %}{% else %}never{% endfor %}
{% for item in tree recursive %}{{ item.v }}@{{ loop.depth }}{% if item.sub %}({{ loop(item.sub) }}){% endif %}{% endfor %}
{% for x in xs %}{% set outer = loop %}{% for y in [1, 2] %}{{ outer.index }}.{{ loop.index }} {% endfor %}{% endfor %}
{% for x in xs %}{% endfor %}{{ x is defined }}{{ loop is defined }}
{% set x = 1 %}{% for i in xs %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}
{% set x = 1 %}{% if t %}{% set x = 2 %}{% endif %}{{ x }}
{% set ns = namespace(x=1) %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}
{% for i in [1, 2] %}{% if i == 1 %}{% set v = "set" %}{% endif %}{{ v is defined }}{% endfor %}
{% set v = "o" %}{% for i in [1, 2] %}{% if i == 1 %}{% set v = "i" %}{% endif %}{{ v }}{% endfor %}{{ v }}
{% set ns = {"a": 1} %}{% set ns.a = 2 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set a, b = b, a %}{{ a }}{{ b }}{% set (c, d) = [5, 6] %}{{ c }}{{ d }}
{% set a = 1, 2 %}{{ a }}
{% set x %}  block {{ n }} {% endset %}[{{ x }}]
{% set x | upper | trim %}  block {{ s }} {% endset %}[{{ x }}]
{% set x %}<b>{% endset %}{{ x | e }}{{ x ~ "<" }}{{ x is string }}{{ [x] }}
{% set x = "a" %}{% set x = x ~ "b" %}{{ x }}
{% with a = 1, b = a %}{{ a }}{{ b is defined }}{% endwith %}{{ a is defined }}
{% set a = 5 %}{% with %}{% set a = 6 %}{{ a }}{% endwith %}{{ a }}
{% with a = n + 1 %}{% with b = a + 1 %}{{ a }}{{ b }}{% endwith %}{% endwith %}
{% if n > 5 %}a{% elif n > 3 %}b{% else %}c{% endif %}{% if z %}x{% elif nil %}y{% else %}z{% endif %}
{% if nothing %}x{% endif %}{% if xs %}y{% endif %}{% if {} %}z{% endif %}{% if "0" %}w{% endif %}{% if 0.0 %}v{% endif %}
{% if nothing.x %}x{% endif %}
{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=4, a=5) }} {{ m() }}
{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, k=2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}
{% macro m() %}{{ n }}{{ later }}{% endmacro %}{% set later = "L" %}{{ m() }}
{% set g = 1 %}{% macro m() %}{{ g }}{% set g = 2 %}{{ g }}{% endmacro %}{{ m() }}{{ g }}
{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3) }}
{% macro m(x) %}[{{ caller(x) }}]{% endmacro %}{% call(y) m(3) %}got {{ y }}{% endcall %}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% set v = 1 %}{% call m() %}{{ v }}{{ n }}{% endcall %}
{% macro m() %}[{{ caller() if caller else "none" }}]{% endmacro %}{{ m() }}{% call m() %}c{% endcall %}
{% macro m() %}x{% endmacro %}{% call m() %}c{% endcall %}
{% macro m() %} <i> {% endmacro %}{{ m() | trim | e }}{{ m() ~ "|" }}{{ m()|length }}{{ m is callable }}
{% macro outer() %}{% macro inner() %}in{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}
{% for i in [1, 2] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}
{% if t %}{% macro m() %}cond{% endmacro %}{% endif %}{{ m() }}
{% macro m(a, b) %}{{ b is defined }}{{ b | default("x") }}{% endmacro %}{{ m(1) }}{{ m(*[1, 2]) }}{{ m(**{"a": 1, "b": 3}) }}
{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}
{% macro m() %}{% for x in xs %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}.{% endmacro %}{{ m() }}
{% macro m() %}{{ loop is defined }}{% endmacro %}{% for x in [1] %}{{ m() }}{% endfor %}
{% macro m(a, b=1, c) %}{% endmacro %}
{% macro m(p, q=q, r=p) %}{{ p }}{{ q is defined }}{{ r }}{% endmacro %}{% set q = 5 %}{{ m(1) }}{{ m(1, 2, 3) }}
{% macro m(p=q, q=1) %}{{ p }}{{ q }}{% endmacro %}{{ m() }}{{ m(q=3) }}
{% filter upper %}a{{ s }}{% endfilter %}{% filter replace("a", "b") | upper %}banana{% endfilter %}{% filter trim %}  x  {% endfilter %}
{% raw %}{{ x }}{% if %}{% endraw %}|{%- raw -%}  a  {%- endraw -%}|
{# comment #}a{# multi\nline #}b {#- strip -#} c
a {%- if t -%} b {%- endif -%} c
  a  {%- if t %}  b  {% endif -%}  c
a\n{% if t %}\nb\n{% endif %}\nc\n
a\n  {% if t %}  \nb\n  {% endif %}\nc\n\n
a\n  {%+ if t %}\nb\n  {%+ endif +%}\nc
a\n  {{ n }}\n  {{- n }}\n  {{ n -}}\n  b
a\n  {# c #}\nb\n  {#- c -#}\nd {# e #}\nf
\n\n{% if t %}\n\n\nx{% endif %}\n\n
x{% if t %} {% endif %}y\t{% if t %}\t{% endif %}z
  {% set a = 1 %}\n  {% set b = 2 %}\n{{ a }}{{ b }}
line one\n\t  {%- for x in xs %}\n  {{ x }}\n  {%- endfor %}\nend
{% for x in xs -%}\n  {{ x }}\n{%- endfor %}
{% for x in xs %}\n  {{ x }}\n{% endfor %}\n
{{ "a" }}\n{{ "b" }}\n\n{{ "c" }}
a\r\nb\rc\r\n{% if t %}\r\nd{% endif %}
{{- "a" -}}  {{- "b" -}}  c  {{+ 1 }}
 {%- set x = 1 -%} \n {{ x }}
{%if t%}a{%endif%}{{n}}{{-n-}}{%-if t-%}b{%-endif-%}
{{ {"a": {"b": 1}}.a.b }}{{ {} }}{{ {"a":{}} }}
{{ "\n" }}{{ '\\n' }}{{ "a\
b" }}
{{ }}
{{ 1 2 }}
{{ (1 }}
{{ "abc }}
{% if %}a{% endif %}
{% if t %}a
{% endif %}
{% for x %}a{% endfor %}
{% unknown %}
{% do xs.append(1) %}
{% break %}
{% set %}
{% set 1 = 2 %}
{% set none = 2 %}
{{ a b }}
{{ n | }}
{{ n is }}
{{ a. }}
{% macro %}{% endmacro %}
{% else %}
{{ #}
{# open
{% raw %}open
{% import "x" as y %}
{% include "x" %}
{% include "x" ignore missing %}a
{% generation %}g{% set v = 2 %}{{ v }}{% endgeneration %}{{ v is defined }}
{% for x in xs %}{% generation %}{{ x }}{% endgeneration %}{% endfor %}
{% set it = rows | selectattr("v", "equalto", 2) %}{% for r in it %}{{ r.n }}{% endfor %}|{% for r in it %}{{ r.n }}{% endfor %}
{% set it = rows | selectattr("v", "equalto", 99) %}{% if it %}some{% endif %}{% if it | list %}more{% endif %}
{% set sys = rows | selectattr("n", "equalto", "y") | first | default({"v": 0}) %}{{ sys.v }}
{% set sys = rows | selectattr("n", "equalto", "none") | first | default({"v": 0}) %}{{ sys.v }}
{% set r = xs | reverse %}{{ r | list }}{{ r | list }}
{% for x in xs | reverse %}{{ x }}{{ loop.last }}{% endfor %}{% for x in rows | map(attribute="v") %}{{ x }}{{ loop.length }}{% endfor %}
{% for g in rows | groupby("v") %}{{ g.grouper }}:{{ g.list | length }} {% endfor %}{% for k, l in rows | groupby("v") %}{{ k }}{{ l | map(attribute="n") | join }} {% endfor %}
{% for row in [1, 2, 3] | batch(2) %}{{ row }}{% endfor %}{% for l in lines.splitlines() %}{{ loop.index }}{{ l }};{% endfor %}
{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(10, 0, -3) %}{{ i }},{% endfor %}
{% for x in xs %}{{ x }}{{ ", " if not loop.last }}{% endfor %}{% for x in xs %}{{ "-" if not loop.first else "" }}{{ x }}{% endfor %}
{% for x in d if x is string and x != "a" %}{{ x }}{% endfor %}{% for x in xs | sort %}{{ x }}{% endfor %}{% for x in (1, 2) + (3,) %}{{ x }}{% endfor %}
{% for x in 1, 2, 3 %}{{ x }}{% endfor %}{% for x in xs if x in [1, 2] %}{{ x }}{% endfor %}{% for x in (xs if t else ys) %}{{ x }}{% endfor %}
{% set n = n %}{{ n }}{% set undefd = undefd %}{{ undefd is defined }}{% set n = n + 1 if n else 0 %}{{ n }}
{% set f = 1 %}{% macro m(f) %}{{ f }}{% endmacro %}{{ m(2) }}{{ f }}{% for f in [3] %}{{ f }}{% endfor %}{{ f }}
{% set messages = [1, 2] %}{% if messages[0] == 1 %}{% set first = messages[0] %}{% set messages = messages[1:] %}{% endif %}{{ first }}{{ messages }}
{% set ns = namespace(a=[]) %}{% for x in xs %}{% set ns.a = ns.a + [x * 2] %}{% endfor %}{{ ns.a }}{{ ns.b is defined }}{{ ns["a"] }}
{% set ns = namespace() %}{% set ns.a %}block{% endset %}{{ ns.a }}
{% set dd = {"a": 1} %}{% set dd = dict(dd, b=2) %}{{ dd }}{{ dict(**dd) | tojson }}
{% set last = namespace(i=-1) %}{% for r in rows %}{% if r.on %}{% set last.i = loop.index0 %}{% endif %}{% endfor %}{{ last.i }}
{% set _ = xs.append(9) %}{{ xs }}
{% set x = d.a if d.a is defined else "no" %}{{ x }}{{ d.zz if d.zz is defined else "no" }}{{ d["zz"] or "or" }}
{% if "a" in d and d["a"] is not none and d.a > 1 %}y{% endif %}{% if not "zz" in d %}n{% endif %}{% if d.zz is not defined or d.zz == 1 %}u{% endif %}
{% if s is string and s | length > 3 and not s.startswith("x") %}ok{% endif %}{% if (n % 2 == 0) != (z == 0) %}x{% endif %}
{% if t %}{% for x in xs %}{% if x == 3 %}{% set found = x %}{{ found }}{% endif %}{% endfor %}{% endif %}{{ found is defined }}
{{ "a" }}{% if t %}{{ "b" }}{% else %}{{ nothing.x.y }}{% endif %}{{ t and "c" }}{{ no and nothing.x.y }}{{ t or nothing.x.y }}
{% call(a, b=2) (nothing)() %}{% endcall %}
{% set x = 1 -%}   \n   {% set y = 2 +%}\n{{ x + y }}
{%- macro m() -%}\n  text\n{%- endmacro -%}\n[{{ m() }}]
{% macro m() %}\n  text\n{% endmacro %}\n[{{ m() }}]
  {%- for x in xs %}\n    {{- x }}\n    {%- if not loop.last %}\n        {{- ', ' }}\n    {%- endif %}\n{%- endfor %}\n
{{ s }}   \n   {%- if t %} x {%- endif %}   \n   {{ n }}
{{ "%s" % s }}{{ "{}"|format }}{{ '{%' }}{{ "a%}b" }}
{{ [1, 2, 3] | map("string") | map("upper") | list | join(",") }}{{ xs | map("lower") | map("int") | sum }}
{{ (rows | first).n }}{{ (rows | selectattr("v", "eq", 1) | list)[0].n }}{{ rows | map(attribute="n") | map("upper") | list }}
{{ deep.a.b | map(attribute="c") | first }}{{ rows | map(attribute="v") | unique | list }}{{ rows | map(attribute="v") | max }}
"""


def sources():
    for line in EXPRESSIONS.strip().split("\n"):
        if line:
            yield "{{ " + line + " }}"
    for line in TEMPLATES.strip("\n").split("\n"):
        yield line.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r") if "'\\" not in line else line


SNIPPETS = list(dict.fromkeys(sources()))
