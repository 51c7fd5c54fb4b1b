package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trit.model.Profile.Part;
import dev.trit.model.Profile.Share;
import dev.trit.tensor.Kernels;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProfileTest {
    /** A verb that is not passed on would be computed by the interface's slow default, and nobody would see it. */
    @Test
    void everyVerbIsPassedOn() throws NoSuchMethodException {
        for (Method verb : Kernels.class.getDeclaredMethods()) {
            if (!verb.isSynthetic()) {
                Method own = ProfiledKernels.class.getMethod(verb.getName(), verb.getParameterTypes());
                assertThat(own.getDeclaringClass()).as(verb.toString()).isEqualTo(ProfiledKernels.class);
            }
        }
    }

    private static Share share(Profile profile, Part part) {
        return profile.parts().stream()
                .filter(s -> s.part() == part)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void partsAreCountedAndAddUp() {
        try (Model model = Fixtures.load(Fixtures.own("bitnet-tiny"), "scalar", 2)) {
            Profile profile = Profile.measure(model, 70, 9, Duration.ZERO);
            Config c = model.config();
            int blocks = c.layers();
            // One reading of every packed matrix, with its input and output.
            assertThat(share(profile, Part.TERNARY).bytes())
                    .isBetween(
                            1.0 * model.weights().blockBytes(),
                            3.0 * model.weights().blockBytes());
            assertThat(share(profile, Part.HEAD).bytes())
                    .isGreaterThan(model.weights().head().bytes())
                    .isLessThan(1.2 * model.weights().head().bytes() + 8 * c.vocab());
            assertThat(share(profile, Part.STORE).calls()).isEqualTo(2 * blocks * c.kvHeads());
            assertThat(share(profile, Part.SOFTMAX).calls()).isEqualTo(blocks * c.heads());
            double keys = 87.0 * c.kvDim() * 4 * blocks; // the counted token comes after 70 and 16 others
            assertThat(share(profile, Part.SCORES).bytes()).isGreaterThan(keys);
            assertThat(share(profile, Part.EMBEDDING).calls()).isEqualTo(1);
            assertThat(profile.barriers()).isGreaterThanOrEqualTo(4.0 * blocks);
            assertThat(profile.barrierMicros()).isPositive();
            double sum = profile.parts().stream().mapToDouble(Share::micros).sum();
            assertThat(sum).isBetween(0.5 * profile.wallMicros(), 1.5 * profile.wallMicros()); // medians
            assertThat(profile.accounted()).isBetween(0.5, 1.0);
            assertThatThrownBy(() -> Profile.measure(model, 0, 0, Duration.ZERO))
                    .isInstanceOf(ModelException.class);
        }
    }

    @Test
    void measuringChangesNothing() {
        try (Model model = Fixtures.load(Fixtures.own("llama-dense-tiny"), "vector", 2)) {
            int[] ids = {1, 2, 3, 4, 5, 6};
            float[] before;
            try (Session session = model.session()) {
                before = session.append(ids).clone();
            }
            Profile.measure(model, 3, 2, Duration.ZERO);
            try (Session session = model.session();
                    Session profiled = new Session(model, 100, new ProfiledKernels(model, new Profile.Laps(1)))) {
                assertThat(session.append(ids)).isEqualTo(before);
                assertThat(profiled.append(ids)).isEqualTo(before);
                assertThat(Arrays.equals(profiled.append(7), session.append(7))).isTrue();
            }
        }
    }
}
