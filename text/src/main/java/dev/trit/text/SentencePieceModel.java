package dev.trit.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a SentencePiece {@code tokenizer.model}: a protocol buffer of pieces, trainer and normalizer settings. Only the
 * fields that decide how text is segmented are looked at; every length is checked against what is left.
 */
final class SentencePieceModel {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final Message model;

    private final List<String> texts = new ArrayList<>();
    private byte[] types = new byte[1024];
    private float[] scores = new float[1024];
    // Defaults of sentencepiece_model.proto
    private int modelType = 1; // unigram
    private int unk = 0;
    private int bos = 1;
    private int eos = 2;
    private int pad = -1;
    private boolean spaceAsSuffix;
    private boolean addDummyPrefix = true;
    private boolean removeExtraSpaces = true;
    private boolean escapeSpaces = true;
    private int charsMapLength;

    SentencePieceModel(byte[] bytes) {
        model = new Message(ByteBuffer.wrap(bytes));
    }

    Vocabulary read() {
        while (model.next()) {
            switch (model.field) {
                case 1 -> piece(model.message());
                case 2 -> trainer(model.message());
                case 3 -> normalizer(model.message());
                default -> model.skip();
            }
        }
        Vocabulary.Kind kind = switch (modelType) {
            case 1 -> Vocabulary.Kind.SENTENCEPIECE_UNIGRAM;
            case 2 -> Vocabulary.Kind.SENTENCEPIECE_BPE;
            default ->
                throw new TextException(
                        "tokenizer.model: model type " + modelType + "; expected 1 (unigram) or 2 (BPE)");
        };
        refuseIf(spaceAsSuffix, "treat_whitespace_as_suffix");
        refuseIf(!escapeSpaces, "escape_whitespaces = false");
        refuseIf(charsMapLength > 0, "a normalizer with a character map (such as nmt_nfkc)");
        int size = texts.size();
        TokenTable tokens =
                new TokenTable(texts, java.util.Arrays.copyOf(types, size), java.util.Arrays.copyOf(scores, size));
        return new Vocabulary(
                kind,
                tokens,
                List.of(),
                PreTokenizer.none(),
                // User-defined pieces are found by the segmenter, after spaces are put in: so SentencePiece does it.
                SpecialTokenNames.added(tokens).stream()
                        .filter(AddedToken::special)
                        .toList(),
                SpecialTokenNames.roles(
                        tokens,
                        present(bos),
                        present(eos),
                        SpecialTokens.NONE,
                        present(unk),
                        present(pad),
                        true,
                        false),
                addDummyPrefix ? SpacePrefix.ALWAYS : SpacePrefix.NEVER,
                removeExtraSpaces,
                null,
                List.of());
    }

    private static void refuseIf(boolean refused, String what) {
        if (refused) {
            throw new TextException("tokenizer.model asks for " + what + ", which is not supported");
        }
    }

    private int present(int id) {
        return id >= 0 && id < texts.size() ? id : SpecialTokens.NONE;
    }

    private void piece(Message m) {
        int id = texts.size();
        if (id == Vocabulary.MAX_TOKENS) {
            throw new TextException("tokenizer.model has more than " + id + " pieces");
        }
        String text = "";
        int type = TokenType.NORMAL.code();
        float score = 0;
        while (m.next()) {
            switch (m.field) {
                case 1 -> text = m.string();
                case 2 -> score = m.float32();
                case 3 -> type = TokenType.of(m.int32()).code();
                default -> m.skip();
            }
        }
        if (id == types.length) {
            types = java.util.Arrays.copyOf(types, 2 * id);
            scores = java.util.Arrays.copyOf(scores, 2 * id);
        }
        texts.add(text);
        types[id] = (byte) type;
        scores[id] = score;
    }

    private void trainer(Message m) {
        while (m.next()) {
            switch (m.field) {
                case 3 -> modelType = m.int32();
                case 24 -> spaceAsSuffix = m.int32() != 0;
                case 40 -> unk = m.int32();
                case 41 -> bos = m.int32();
                case 42 -> eos = m.int32();
                case 43 -> pad = m.int32();
                default -> m.skip();
            }
        }
    }

    private void normalizer(Message m) {
        while (m.next()) {
            switch (m.field) {
                case 2 -> charsMapLength = m.message().buffer.remaining();
                case 3 -> addDummyPrefix = m.int32() != 0;
                case 4 -> removeExtraSpaces = m.int32() != 0;
                case 5 -> escapeSpaces = m.int32() != 0;
                default -> m.skip();
            }
        }
    }

    /** The fields of one message, one after the other. */
    private static final class Message {
        final ByteBuffer buffer;
        int field;
        private int wire;

        Message(ByteBuffer buffer) {
            this.buffer = buffer.order(ByteOrder.LITTLE_ENDIAN);
        }

        boolean next() {
            if (!buffer.hasRemaining()) {
                return false;
            }
            long key = varint();
            field = (int) (key >>> 3);
            wire = (int) (key & 7);
            if (key >>> 3 == 0 || key >>> 3 > 0x1FFFFFFF) {
                throw damaged("field number " + (key >>> 3));
            }
            return true;
        }

        int int32() {
            expect(VARINT);
            return (int) varint();
        }

        float float32() {
            expect(FIXED32);
            need(4);
            return buffer.getFloat();
        }

        Message message() {
            expect(BYTES);
            return new Message(bytes());
        }

        String string() {
            expect(BYTES);
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(bytes()).toString();
            } catch (CharacterCodingException e) {
                throw new TextException("tokenizer.model: a piece is not valid UTF-8", e);
            }
        }

        void skip() {
            switch (wire) {
                case VARINT -> varint();
                case FIXED64 -> {
                    need(8);
                    buffer.position(buffer.position() + 8);
                }
                case FIXED32 -> {
                    need(4);
                    buffer.position(buffer.position() + 4);
                }
                case BYTES -> bytes();
                default -> throw damaged("wire type " + wire);
            }
        }

        private ByteBuffer bytes() {
            long length = varint();
            if (length < 0 || length > buffer.remaining()) {
                throw damaged("a field of " + length + " bytes where " + buffer.remaining() + " are left");
            }
            ByteBuffer part = buffer.slice(buffer.position(), (int) length);
            buffer.position(buffer.position() + (int) length);
            return part;
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                need(1);
                byte b = buffer.get();
                value |= (long) (b & 0x7F) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw damaged("a number of more than ten bytes");
        }

        private void expect(int type) {
            if (wire != type) {
                throw damaged("wire type " + wire + " in field " + field + ", expected " + type);
            }
        }

        private void need(int count) {
            if (buffer.remaining() < count) {
                throw damaged("the end of the data inside a field");
            }
        }

        private TextException damaged(String what) {
            return new TextException(
                    "tokenizer.model is not a SentencePiece model: " + what + " at byte " + buffer.position());
        }
    }
}
