package dev.trit.model.chat;

import dev.trit.model.Generation;
import java.util.List;

/**
 * What a {@link ChatEngine} answered.
 *
 * @param text all of it but the calls
 * @param calls of functions, in the order in which they were made
 * @param generation tokens, times and why it ended
 */
public record Answer(String text, List<ToolCall> calls, Generation generation) {
    public Answer {
        calls = List.copyOf(calls);
    }
}
