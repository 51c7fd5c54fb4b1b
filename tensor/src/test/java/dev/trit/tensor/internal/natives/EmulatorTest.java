package dev.trit.tensor.internal.natives;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.trit.tensor.Kernels;
import dev.trit.tensor.KernelsProvider;
import java.lang.foreign.FunctionDescriptor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * That KernelsTest, run beside this class, met the library of another processor: {@code mvn -Prelease,emulate -pl tensor
 * test}.
 */
class EmulatorTest {
    private final String what = System.getProperty(Emulator.PROPERTY, "");

    @BeforeEach
    void setUp() {
        assumeTrue(!what.isEmpty(), "other processors' kernels run with mvn -Prelease,emulate");
        String missing = Emulator.missing(what);
        assumeTrue(missing == null, () -> String.valueOf(missing));
    }

    @Test
    void theVariantsThatAreTestedAreThoseOfTheOtherProcessor() {
        assertThat(KernelsProvider.nativeVariants())
                .extracting(Kernels::description)
                .allSatisfy(line -> assertThat(line).contains("untested on silicon"))
                .hasSize(what.equals("aarch64") ? 3 : 1);
    }

    @Test
    void aProcessorsFeaturesDecide() throws Throwable {
        assumeTrue(what.equals("aarch64"), "qemu has processors of several kinds for aarch64 only");
        assertThat(variants("aarch64:cortex-a72")).isEqualTo(mask(Variant.NEON));
        assertThat(variants("aarch64:cortex-a76")).isEqualTo(mask(Variant.NEON, Variant.NEON_DOTPROD));
        assertThat(variants("aarch64:max")).isEqualTo(mask(Variant.NEON, Variant.NEON_DOTPROD, Variant.NEON_I8MM));
    }

    private static int variants(String processor) throws Throwable {
        return (int) new Emulator(processor)
                .bind("trit_variants", FunctionDescriptor.of(JAVA_INT))
                .invokeExact();
    }

    private static int mask(Variant... variants) {
        int mask = 0;
        for (Variant variant : variants) {
            mask |= 1 << variant.ordinal();
        }
        return mask;
    }
}
