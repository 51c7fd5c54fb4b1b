package dev.trit.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Option values that must lie in a range; picocli turns a refusal into one line that names the option. */
final class Numbers {
    private Numbers() {}

    /** 1, 2, 3 ... */
    static final class AtLeastOne implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 1);
        }
    }

    /** 0, 1, 2 ... */
    static final class AtLeastZero implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 0);
        }
    }

    /** A finite number, 0 or more. */
    static final class NotNegative implements ITypeConverter<Float> {
        @Override
        public Float convert(String value) {
            return real(value, Float.MAX_VALUE);
        }
    }

    /** A number from 0 to 1. */
    static final class Probability implements ITypeConverter<Float> {
        @Override
        public Float convert(String value) {
            return real(value, 1);
        }
    }

    private static int whole(String value, int least) {
        Integer number = null;
        try {
            number = Integer.valueOf(value);
        } catch (NumberFormatException e) {
            throw expected("a whole number", value);
        }
        if (number < least) {
            throw expected("at least " + least, value);
        }
        return number;
    }

    private static float real(String value, float most) {
        @Nullable Float number = null;
        try {
            number = Float.valueOf(value);
        } catch (NumberFormatException e) {
            throw expected("a number", value);
        }
        if (!(number >= 0 && number <= most)) {
            throw expected(most == 1 ? "a number from 0 to 1" : "a number of 0 or more", value);
        }
        return number;
    }

    private static TypeConversionException expected(String what, String got) {
        return new TypeConversionException("expected " + what + ", got '" + got + "'");
    }
}
