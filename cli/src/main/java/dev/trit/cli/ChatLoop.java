package dev.trit.cli;

import dev.trit.format.FormatException;
import dev.trit.model.Chat;
import dev.trit.model.Generation;
import dev.trit.model.ModelException;
import dev.trit.model.Sampling;
import dev.trit.text.TextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A conversation, input by input: answers, commands, and failures that do not end it. */
final class ChatLoop {
    private static final String HELP = """
            /reset         forget the conversation, keep the system message
            /system TEXT   tell the model who it is; without TEXT, tell it nothing
            /save FILE     write the conversation as JSON
            /help          this list
            /exit          end (as Ctrl-D does)
            A line that ends in \\ goes on in the next; so does what stands between two \"""; Alt-Enter begins a line.
            Ctrl-C stops an answer and keeps the conversation.""";

    private final Stdio stdio;
    private final Chat chat;
    private final Sampling sampling;
    private boolean failed;

    ChatLoop(Stdio stdio, Chat chat, Sampling sampling) {
        this.stdio = stdio;
        this.chat = chat;
        this.sampling = sampling;
    }

    /** Answers until the inputs end; {@link ExitCode#FAILURE} if anything failed and no person was there to see it. */
    ExitCode run(Lines lines) {
        for (String input = lines.next(); input != null; input = lines.next()) {
            if (input.isEmpty()) {
                continue;
            }
            if (input.equals("/exit") || input.equals("/quit")) {
                break;
            }
            try {
                if (input.startsWith("/")) {
                    command(input);
                } else {
                    answer(input, lines);
                }
            } catch (ModelException | TextException | FormatException | CommandException | IOException e) {
                failed = true;
                stdio.out().flush();
                stdio.err().println("trit: " + Failures.line(e));
            }
        }
        return failed && !stdio.inTerminal() ? ExitCode.FAILURE : ExitCode.OK;
    }

    private void answer(String input, Lines lines) {
        var answered = new Generation[1];
        lines.whileStoppable(
                chat::cancel,
                () -> answered[0] = chat.say(input, sampling, piece -> {
                    stdio.out().print(piece);
                    stdio.out().flush();
                }));
        stdio.out().println();
        stdio.out().flush();
        if (stdio.errTerminal()) {
            Generation answer = answered[0];
            stdio.err()
                    .printf(
                            Locale.ROOT,
                            "[%d tokens, %.1f/s, %s; context %d of %d, of the prompt's %d tokens %d were cached]%n",
                            answer.completionTokens(),
                            answer.completionTokensPerSecond(),
                            answer.stopReason(),
                            chat.session().position(),
                            chat.session().contextLength(),
                            answer.promptTokens(),
                            answer.cachedTokens());
        }
    }

    private void command(String input) throws IOException {
        int space = input.indexOf(' ');
        String name = space < 0 ? input : input.substring(0, space);
        String rest = space < 0 ? "" : input.substring(space + 1).strip();
        switch (name) {
            case "/help" -> stdio.err().println(HELP);
            case "/reset" -> {
                chat.reset();
                stdio.err().println("trit: the conversation is forgotten");
            }
            case "/system" -> {
                chat.setSystem(rest);
                stdio.err().println(rest.isEmpty() ? "trit: no system message" : "trit: system message set");
            }
            case "/save" -> save(rest);
            default ->
                throw new CommandException(
                        ExitCode.USAGE, "no command " + name + "; /help lists them (begin with a space to say it)");
        }
    }

    private void save(String file) throws IOException {
        if (file.isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "/save needs the name of a file");
        }
        List<Map<String, Object>> messages = chat.messages().stream()
                .map(message -> {
                    Map<String, Object> member = new LinkedHashMap<>();
                    member.put("role", message.role());
                    member.put("content", String.valueOf(message.content()));
                    return member;
                })
                .toList();
        Files.writeString(Path.of(file), JsonOption.text(messages) + "\n");
        stdio.err().println("trit: " + messages.size() + " messages written to " + file);
    }
}
