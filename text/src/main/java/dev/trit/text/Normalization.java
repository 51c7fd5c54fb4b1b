package dev.trit.text;

import java.text.Normalizer;

/** Unicode normalization of the text before it is split. */
public enum Normalization {
    NONE,
    NFC,
    NFD,
    NFKC,
    NFKD;

    /** Applies it; bytes that are no characters pass through. */
    CodePoints apply(CodePoints text) {
        if (this == NONE || isAscii(text)) {
            return text;
        }
        return CodePoints.ofEscapedText(Normalizer.normalize(text.escapedText(), Normalizer.Form.valueOf(name())));
    }

    private static boolean isAscii(CodePoints text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.at()[i] >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
