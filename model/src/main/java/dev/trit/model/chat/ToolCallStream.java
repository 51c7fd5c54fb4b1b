package dev.trit.model.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Finds the calls in what a model writes, piece by piece, and lets everything else through. It knows the forms of Hermes
 * and Qwen ({@code <tool_call>{...}</tool_call>}), Mistral ({@code [TOOL_CALLS][{...}]}) and Llama (nothing but
 * {@code {...}}, perhaps after {@code <|python_tag|>}). What begins like a call and is none comes out as text.
 */
public final class ToolCallStream {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";
    private static final Pattern OTHER_MARKS = Pattern.compile("^\\s*(\\[TOOL_CALLS]|<\\|python_tag\\|>)\\s*");

    private final Tools tools;
    private final StringBuilder held = new StringBuilder(); // not decided yet
    private final List<ToolCall> calls = new ArrayList<>();
    private boolean bare; // all of it may be one call without marks: decided at the end
    private boolean begun; // text has come through

    public ToolCallStream(Tools tools) {
        this.tools = tools;
    }

    /** All calls so far. */
    public List<ToolCall> calls() {
        return Collections.unmodifiableList(calls);
    }

    /** Takes a piece; returns the text that is certain not to be a call. */
    public String append(String piece) {
        held.append(piece);
        StringBuilder text = new StringBuilder();
        while (!bare) {
            int open = held.indexOf(OPEN);
            int close = open < 0 ? -1 : held.indexOf(CLOSE, open);
            if (close >= 0) {
                text.append(release(take(open)));
                text.append(release(call(take(close - open + CLOSE.length()))));
                continue;
            }
            String start = held.toString().stripLeading();
            if (open < 0 && !begun && calls.isEmpty() && (start.isEmpty() || mayBeBare(start))) {
                bare = !start.isEmpty()
                        && (start.charAt(0) == '{' || OTHER_MARKS.matcher(start).find());
                break;
            }
            text.append(release(take(open >= 0 ? open : held.length() - openEnd())));
            break;
        }
        return text.toString();
    }

    /** The first {@code n} characters held. */
    private String take(int n) {
        String taken = held.substring(0, n);
        held.delete(0, n);
        return taken;
    }

    /** The end: what was held comes out, as calls or as text. */
    public String finish() {
        String rest = take(held.length());
        if (bare) {
            return isCalls(OTHER_MARKS.matcher(rest).replaceFirst("")) ? "" : rest;
        }
        return release(rest.startsWith(OPEN) ? call(rest) : rest);
    }

    /** Text goes out; blank lines around calls do not. */
    private String release(String text) {
        if (text.isBlank() && (!begun || !calls.isEmpty())) {
            return "";
        }
        begun = true;
        return text;
    }

    /** Notes the call between the marks, or gives the text back if it is none. */
    private String call(String marked) {
        String inner = marked.substring(OPEN.length()).replace(CLOSE, "");
        return isCalls(inner) ? "" : marked;
    }

    private boolean isCalls(String text) {
        List<ToolCall> found = new ArrayList<>();
        JsonNode node = ToolCall.parseOrNull(text.strip());
        if (node == null) {
            return false;
        }
        for (JsonNode one : node.isArray() ? node : List.of(node)) {
            ToolCall call = ToolCall.of(one, tools);
            if (call == null) {
                return false;
            }
            found.add(call);
        }
        calls.addAll(found);
        return !found.isEmpty();
    }

    private static boolean mayBeBare(String start) {
        Matcher marks = OTHER_MARKS.matcher(start);
        return start.charAt(0) == '{'
                || marks.find()
                || "[TOOL_CALLS]".startsWith(start)
                || "<|python_tag|>".startsWith(start);
    }

    /** Characters at the end that may be the beginning of a mark. */
    private int openEnd() {
        for (int n = Math.min(OPEN.length() - 1, held.length()); n > 0; n--) {
            if (OPEN.startsWith(held.substring(held.length() - n))) {
                return n;
            }
        }
        return 0;
    }
}
