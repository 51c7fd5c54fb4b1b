package dev.trit.text.internal.jinja;

import dev.trit.text.TextException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Template text to tokens, with the whitespace rules of chat templates: {@code trim_blocks} (the newline after a block
 * tag goes) and {@code lstrip_blocks} (blanks before a block tag that starts its line go), {@code -} to strip more and
 * {@code +} to keep.
 */
final class Lexer {
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:_\\d+)*(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(",
            ")", "[", "]", "{", "}", ";");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) { // Jinja drops one newline at the end
            source = source.substring(0, source.length() - 1);
        }
        return new Lexer(source).run();
    }

    private List<Token> run() {
        boolean trimStart = false; // the tag before asked for it with '-'
        while (at < source.length()) {
            int tag = nextTag(at);
            String kind = tag < source.length() ? source.substring(tag, tag + 2) : "";
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            int dataEnd = tag;
            if (sign == '-' && !kind.isEmpty()) {
                dataEnd = stripEnd(at, tag);
            } else if (!kind.isEmpty() && !kind.equals("{{") && sign != '+') {
                dataEnd = blankStart(tag);
            }
            int dataStart = trimStart ? stripStart(at, dataEnd) : at;
            add(Token.Kind.DATA, dataStart, Math.max(dataStart, dataEnd), tag);
            if (kind.isEmpty()) {
                break;
            }
            at = tag + 2 + (sign == '-' || sign == '+' && !kind.equals("{{") ? 1 : 0);
            trimStart = switch (kind) {
                case "{#" -> comment();
                case "{{" -> expression(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END, "}}");
                default -> block(sign);
            };
        }
        tokens.add(new Token(Token.Kind.END, "", line));
        return tokens;
    }

    private int nextTag(int from) {
        for (int i = from; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return source.length();
    }

    private int stripEnd(int from, int to) {
        while (to > from && Character.isWhitespace(source.charAt(to - 1))) {
            to--;
        }
        return to;
    }

    private int stripStart(int from, int to) {
        while (from < to && Character.isWhitespace(source.charAt(from))) {
            from++;
        }
        return from;
    }

    /** lstrip_blocks: where the blanks before {@code tag} begin, if nothing else stands before it on its line. */
    private int blankStart(int tag) {
        int i = tag;
        while (i > at && " \t".indexOf(source.charAt(i - 1)) >= 0) {
            i--;
        }
        boolean startsLine = i == 0 || source.charAt(i - 1) == '\n';
        return startsLine ? i : tag;
    }

    /** Adds the text {@code from ... to-1}, moves the line count on to {@code end}. */
    private void add(Token.Kind kind, int from, int to, int end) {
        if (to > from) {
            tokens.add(new Token(kind, source.substring(from, to), line));
        }
        line += lines(at, end);
    }

    private int lines(int from, int to) {
        int n = 0;
        for (int i = from; i < to; i++) {
            n += source.charAt(i) == '\n' ? 1 : 0;
        }
        return n;
    }

    private boolean comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new TextException("chat template, line %d: expected '#}' to end the comment".formatted(line));
        }
        char sign = source.charAt(end - 1);
        line += lines(at, end);
        at = end + 2;
        if (sign != '-' && sign != '+') {
            trimNewline();
        }
        return sign == '-';
    }

    /** trim_blocks: the first newline after a block or comment belongs to it. */
    private void trimNewline() {
        if (at < source.length() && source.charAt(at) == '\n') {
            at++;
            line++;
        }
    }

    private boolean block(char sign) {
        Matcher raw = Pattern.compile("\\s*raw\\s*(-?)%\\}").matcher(source).region(at, source.length());
        if (raw.lookingAt()) {
            return raw(raw);
        }
        return expression(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, "%}");
    }

    private boolean raw(Matcher begin) {
        line += lines(at, begin.end());
        at = begin.end();
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at)) {
            throw new TextException("chat template, line %d: expected {%% endraw %%}".formatted(line));
        }
        int to = end.start();
        if (end.group(1).equals("-")) {
            to = stripEnd(at, to);
        } else if (end.group(1).isEmpty()) {
            to = blankStart(to);
        }
        int from = begin.group(1).equals("-") ? stripStart(at, to) : at;
        add(Token.Kind.DATA, from, to, end.end());
        at = end.end();
        if (end.group(2).isEmpty()) {
            trimNewline();
        }
        return end.group(2).equals("-");
    }

    /** The inside of a tag up to {@code close}; true if it ends with '-'. */
    private boolean expression(Token.Kind begin, Token.Kind end, String close) {
        tokens.add(new Token(begin, "", line));
        int depth = 0;
        while (true) {
            skipSpace();
            if (at >= source.length()) {
                throw new TextException("chat template, line %d: expected '%s'".formatted(line, close));
            }
            char c = source.charAt(at);
            boolean signed = (c == '-' || c == '+') && source.startsWith(close, at + 1);
            if (depth == 0 && (signed || source.startsWith(close, at))) {
                at += signed ? 3 : 2;
                tokens.add(new Token(end, "", line));
                if (end == Token.Kind.BLOCK_END && !signed) {
                    trimNewline();
                }
                return signed && c == '-';
            }
            if (c == '\'' || c == '"') {
                string(c);
            } else if (c >= '0' && c <= '9') {
                number();
            } else if (c == '_' || Character.isLetter(c)) {
                Matcher name = NAME.matcher(source).region(at, source.length());
                name.lookingAt();
                token(Token.Kind.NAME, name.group());
            } else {
                depth += operator();
            }
        }
    }

    private void skipSpace() {
        while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
            line += source.charAt(at++) == '\n' ? 1 : 0;
        }
    }

    private void token(Token.Kind kind, String text) {
        tokens.add(new Token(kind, text, line));
        at += text.length();
    }

    /** Returns the change in bracket depth. */
    private int operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                token(Token.Kind.OPERATOR, operator);
                return "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
            }
        }
        throw new TextException("chat template, line %d: unexpected character '%c'".formatted(line, source.charAt(at)));
    }

    private void number() {
        Matcher m = NUMBER.matcher(source).region(at, source.length());
        m.lookingAt();
        boolean real = m.group(1) != null || m.group(2) != null;
        tokens.add(new Token(
                real ? Token.Kind.FLOAT : Token.Kind.INTEGER, m.group().replace("_", ""), line));
        at = m.end();
    }

    private void string(char quote) {
        StringBuilder text = new StringBuilder();
        int start = line;
        at++;
        while (true) {
            if (at >= source.length()) {
                throw new TextException("chat template, line %d: the string does not end".formatted(start));
            }
            char c = source.charAt(at++);
            if (c == quote) {
                break;
            }
            line += c == '\n' ? 1 : 0;
            if (c == '\\' && at < source.length()) {
                escape(source.charAt(at++), text);
            } else {
                text.append(c);
            }
        }
        tokens.add(new Token(Token.Kind.STRING, text.toString(), start));
    }

    private void escape(char c, StringBuilder text) {
        switch (c) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'v' -> text.append('\u000b');
            case 'a' -> text.append('\u0007');
            case '\\', '\'', '"' -> text.append(c);
            case '\n' -> line++;
            case 'x' -> text.appendCodePoint(hex(2));
            case 'u' -> text.appendCodePoint(hex(4));
            case 'U' -> text.appendCodePoint(hex(8));
            default -> {
                if (c >= '0' && c <= '7') {
                    int value = c - '0';
                    for (int i = 0;
                            i < 2 && at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '7';
                            i++) {
                        value = value * 8 + source.charAt(at++) - '0';
                    }
                    text.appendCodePoint(value);
                } else {
                    text.append('\\').append(c);
                }
            }
        }
    }

    private int hex(int digits) {
        try {
            int value = Integer.parseInt(source.substring(at, at + digits), 16);
            at += digits;
            if (!Character.isValidCodePoint(value)) {
                throw new NumberFormatException();
            }
            return value;
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            throw new TextException(
                    "chat template, line %d: expected %d hexadecimal digits".formatted(line, digits), e);
        }
    }
}
