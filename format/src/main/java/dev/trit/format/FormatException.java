package dev.trit.format;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file is not what it says it is, or not something that can be read or written. The message says, in this order,
 * where (file, tensor), what is wrong, what was expected, what was got, and what to do about it.
 *
 * <p>The one exception of this module: a damaged or hostile file gives this and nothing else.
 */
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Path file;
    private final @Nullable String tensor;
    private final String what;
    private final @Nullable String expected;
    private final @Nullable String got;
    private final @Nullable String remedy;

    /** Something is wrong that needs no comparison of values. */
    public FormatException(String what) {
        this(null, null, what, null, null, null, null);
    }

    /** {@code what} was to be {@code expected} and is {@code got}. */
    public FormatException(String what, @Nullable Object expected, @Nullable Object got) {
        this(null, null, what, text(expected), text(got), null, null);
    }

    /** {@code what} was to be {@code expected} and is {@code got}; {@code remedy} is what the user can do. */
    public FormatException(String what, @Nullable Object expected, @Nullable Object got, @Nullable String remedy) {
        this(null, null, what, text(expected), text(got), remedy, null);
    }

    private FormatException(
            @Nullable Path file,
            @Nullable String tensor,
            String what,
            @Nullable String expected,
            @Nullable String got,
            @Nullable String remedy,
            @Nullable Throwable cause) {
        super(message(file, tensor, what, expected, got, remedy), cause);
        this.file = file;
        this.tensor = tensor;
        this.what = what;
        this.expected = expected;
        this.got = got;
        this.remedy = remedy;
    }

    /** The same, located: a part already known (a codec deep inside knows its tensor, not its file) is kept. */
    public FormatException at(@Nullable Path inFile, @Nullable String inTensor) {
        FormatException located = new FormatException(
                file != null ? file : inFile,
                tensor != null ? tensor : inTensor,
                what,
                expected,
                got,
                remedy,
                getCause());
        located.setStackTrace(getStackTrace());
        return located;
    }

    /** The same with the exception that led to it. */
    public FormatException causedBy(Throwable cause) {
        return new FormatException(file, tensor, what, expected, got, remedy, cause);
    }

    public @Nullable Path file() {
        return file;
    }

    public @Nullable String tensor() {
        return tensor;
    }

    public String what() {
        return what;
    }

    public @Nullable String expected() {
        return expected;
    }

    public @Nullable String got() {
        return got;
    }

    public @Nullable String remedy() {
        return remedy;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : clip(value.toString());
    }

    /** Values come from files of strangers: no control characters, no message of a megabyte. */
    static String clip(String s) {
        StringBuilder out = new StringBuilder(Math.min(s.length(), 203));
        for (int i = 0; i < s.length(); i++) {
            if (i == 200) {
                return out.append("...").toString();
            }
            char c = s.charAt(i);
            out.append(Character.isISOControl(c) ? '?' : c);
        }
        return out.toString();
    }

    private static String message(
            @Nullable Path file,
            @Nullable String tensor,
            String what,
            @Nullable String expected,
            @Nullable String got,
            @Nullable String remedy) {
        StringBuilder m = new StringBuilder();
        if (file != null) {
            m.append(file).append(": ");
        }
        if (tensor != null) {
            m.append("tensor ").append(clip(tensor)).append(": ");
        }
        m.append(what);
        if (expected != null) {
            m.append("; expected ").append(expected);
        }
        if (got != null) {
            m.append(expected != null ? ", got " : "; got ").append(got);
        }
        if (remedy != null) {
            m.append(". ").append(remedy);
        }
        return m.toString();
    }
}
