package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed template, immutable; {@link #render} may run in several threads.
 *
 * <p>The language is Jinja 3.1 as Hugging Face's chat templates have it: trim_blocks and lstrip_blocks, break and
 * continue, {@code generation} blocks, {@code tojson}, {@code raise_exception}, {@code strftime_now}, and no method that
 * changes a list or a mapping. What differs from Python: whole numbers end at 64 bits; {@code 1}, {@code 1.0} and
 * {@code true} are different keys of a mapping; lazy filters (map, select, ...) fail where they stand, not where they
 * are read; escaped text is plain text, not Markup; of the statements block, include, import, extends and autoescape,
 * of the globals cycler, joiner and lipsum, and of the filters wordwrap, urlize, urlencode, filesizeformat, xmlattr,
 * pprint and random are absent.
 */
public final class Template {
    private final List<Stmt> body;
    private final Clock clock;

    private Template(List<Stmt> body, Clock clock) {
        this.body = body;
        this.clock = clock;
    }

    /**
     * @param source the template
     * @param clock what {@code strftime_now} reads
     * @throws TextException with the line, what was expected and what was found
     */
    public static Template parse(String source, Clock clock) {
        return new Template(Parser.parse(source), clock);
    }

    /**
     * Runs the template.
     *
     * @param data names to values: null, Boolean, Number, String, List, Map, nested as deep as 100
     * @throws TextException if the template fails, or raises an exception of its own
     */
    public String render(Map<String, ?> data) {
        Map<String, @Nullable Object> globals = globals();
        try {
            data.forEach((name, value) -> globals.put(name, Values.of(value)));
        } catch (JinjaError e) {
            throw new TextException("chat template: " + e.getMessage(), e);
        }
        return Interpreter.run(body, globals);
    }

    private Map<String, @Nullable Object> globals() {
        Map<String, @Nullable Object> globals = new LinkedHashMap<>();
        globals.put("range", (Callable) Template::range);
        globals.put("dict", (Callable) Template::dict);
        globals.put("namespace", (Callable) (positional, named) -> {
            Namespace namespace = new Namespace();
            dict(positional, named).forEach((k, v) -> namespace.members().put(PythonText.str(k), v));
            return namespace;
        });
        globals.put("raise_exception", (Callable) (positional, named) -> {
            throw new JinjaError(
                    PythonText.str(new Arguments("raise_exception", positional, named).require(0, "message")));
        });
        globals.put("strftime_now", (Callable) (positional, named) ->
                strftime(new Arguments("strftime_now", positional, named).text(0, "format", "%Y-%m-%d")));
        return globals;
    }

    /** A mapping, or pairs, and named values. */
    private static Map<@Nullable Object, @Nullable Object> dict(
            List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        if (!positional.isEmpty()) {
            Object first = positional.getFirst();
            for (Object pair : first instanceof Map<?, ?> m ? Values.pairs(m) : Values.items(first)) {
                List<@Nullable Object> items = Values.items(pair);
                if (items.size() != 2) {
                    throw new JinjaError("dict: expected pairs, got " + PythonText.repr(pair));
                }
                map.put(Values.hashable(items.getFirst()), items.getLast());
            }
        }
        map.putAll(named);
        return map;
    }

    private static Object range(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
        Arguments a = new Arguments("range", positional, named);
        boolean one = positional.size() == 1;
        long from = one ? 0 : Values.integer(a.require(0, "start"));
        long to = Values.integer(a.require(one ? 0 : 1, "stop"));
        return new Range(from, to, a.whole(2, "step", 1));
    }

    /** The directives of C's strftime that templates use, in English. */
    private String strftime(String format) {
        ZonedDateTime now = ZonedDateTime.now(clock);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            boolean plain = directive == '-' && i + 1 < format.length();
            String pattern = switch (plain ? format.charAt(++i) : directive) {
                case 'Y' -> "uuuu";
                case 'y' -> "uu";
                case 'm' -> plain ? "M" : "MM";
                case 'd' -> plain ? "d" : "dd";
                case 'H' -> plain ? "H" : "HH";
                case 'I' -> plain ? "h" : "hh";
                case 'M' -> plain ? "m" : "mm";
                case 'S' -> plain ? "s" : "ss";
                case 'j' -> plain ? "D" : "DDD";
                case 'B' -> "MMMM";
                case 'b', 'h' -> "MMM";
                case 'e' -> plain ? "d" : "ppd";
                case 'D' -> "MM/dd/uu";
                case 'F' -> "uuuu-MM-dd";
                case 'T' -> "HH:mm:ss";
                case 'R' -> "HH:mm";
                case 'A' -> "EEEE";
                case 'a' -> "EEE";
                case 'p' -> "a";
                case 'Z' -> "zzz";
                case 'z' -> "xx";
                case '%' -> "'%'";
                default -> throw new JinjaError("strftime_now: the directive '%" + directive + "' is not understood");
            };
            out.append(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now));
        }
        return out.toString();
    }
}
