package dev.trit.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jline.keymap.KeyMap;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Inputs that a person types: line editing, history across sessions, several lines with Alt-Enter too. */
final class TerminalLines implements Lines {
    private static final String PROMPT = "> ";
    private static final String MORE = ". ";

    private final Terminal terminal;
    private final LineReader reader;

    TerminalLines() {
        try {
            terminal = TerminalBuilder.builder().system(true).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .parser(TerminalLines::parse)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // "!" is a character
                .option(LineReader.Option.BRACKETED_PASTE, true)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, MORE)
                .variable(LineReader.HISTORY_FILE, history())
                .build();
        reader.getWidgets().put("newline", () -> {
            reader.getBuffer().write('\n');
            return true;
        });
        Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN))
                .bind(new Reference("newline"), KeyMap.alt('\r'), KeyMap.alt('\n'));
    }

    @Override
    public @Nullable String next() {
        while (true) {
            try {
                return Lines.meant(reader.readLine(PROMPT));
            } catch (UserInterruptException e) {
                // Ctrl-C while typing throws the line away, as in a shell
            } catch (EndOfFileException e) {
                return null;
            }
        }
    }

    @Override
    public void whileStoppable(Runnable stop, Runnable work) {
        Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> stop.run());
        try {
            work.run();
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One word, the whole input; asks for more while it is incomplete. */
    private static ParsedLine parse(String line, int cursor, Parser.ParseContext context) {
        if (context == Parser.ParseContext.ACCEPT_LINE && Lines.incomplete(line)) {
            throw new EOFError(-1, cursor, "more lines follow");
        }
        return new Whole(line, cursor);
    }

    private record Whole(String line, int cursor) implements CompletingParsedLine {
        @Override
        public String word() {
            return line;
        }

        @Override
        public int wordCursor() {
            return cursor;
        }

        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate; // nothing is completed
        }

        @Override
        public int rawWordCursor() {
            return cursor;
        }

        @Override
        public int rawWordLength() {
            return line.length();
        }

        @Override
        public int wordIndex() {
            return 0;
        }

        @Override
        public List<String> words() {
            return List.of(line);
        }
    }

    /** {@code ~/.local/state/trit/chat-history}, or under {@code XDG_STATE_HOME}. */
    private static Path history() {
        String state = System.getenv("XDG_STATE_HOME");
        Path folder = state != null && !state.isEmpty()
                ? Path.of(state, "trit")
                : Path.of(System.getProperty("user.home"), ".local", "state", "trit");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder.resolve("chat-history");
    }
}
