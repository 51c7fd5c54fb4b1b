package dev.trit.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Option values that must lie in a range; picocli turns a refusal into one line that names the option. */
public final class Numbers {
    private Numbers() {}

    /** 1, 2, 3 ... */
    public static final class AtLeastOne implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 1);
        }
    }

    /** 0, 1, 2 ... */
    public static final class AtLeastZero implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 0);
        }
    }

    private static int whole(String value, int least) {
        int number;
        try {
            number = Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw expected("a whole number", value);
        }
        if (number < least) {
            throw expected("at least " + least, value);
        }
        return number;
    }

    private static TypeConversionException expected(String what, String got) {
        return new TypeConversionException("expected " + what + ", got '" + got + "'");
    }
}
