package dev.trit.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** Holds the tree to its plan: who may know whom, and where the sharp tools are. */
@AnalyzeClasses(packages = "dev.trit", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule modulesKnowOnlyWhatIsBelowThem = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.trit..")
            .withOptionalLayers(true)
            .layer("tensor")
            .definedBy("dev.trit.tensor..")
            .layer("text")
            .definedBy("dev.trit.text..")
            .layer("format")
            .definedBy("dev.trit.format..")
            .layer("model")
            .definedBy("dev.trit.model..")
            .layer("hub")
            .definedBy("dev.trit.hub..")
            .layer("serve")
            .definedBy("dev.trit.serve..")
            .layer("cli")
            .definedBy("dev.trit.cli..")
            .whereLayer("tensor")
            .mayNotAccessAnyLayer()
            .whereLayer("text")
            .mayNotAccessAnyLayer()
            .whereLayer("format")
            .mayOnlyAccessLayers("tensor")
            .whereLayer("model")
            .mayOnlyAccessLayers("tensor", "format", "text")
            .whereLayer("hub")
            .mayNotAccessAnyLayer()
            .whereLayer("serve")
            .mayOnlyAccessLayers("tensor", "format", "text", "model")
            .whereLayer("cli")
            .mayOnlyAccessLayers("tensor", "format", "text", "model", "hub", "serve");

    /** An internal package may throw the one exception of its module; anything else of it would be a cycle. */
    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching("dev.trit.(**)")
            .should()
            .beFreeOfCycles()
            .ignoreDependency(resideInAPackage("dev.trit..internal.."), simpleNameEndingWith("Exception"));

    @ArchTest
    static final ArchRule internalPackagesStayInTheirModule =
            classes().that().resideInAPackage("dev.trit..internal..").should(onlyBeKnownInTheirModule());

    @ArchTest
    static final ArchRule onlyTheCliTalks =
            noClasses().that().resideOutsideOfPackage("dev.trit.cli..").should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule onlyTensorInternalsUseTheVectorApi = noClasses()
            .that()
            .resideOutsideOfPackage("dev.trit.tensor.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector..");

    /** {@code dev.trit.format.internal.x.Y} belongs to {@code dev.trit.format}. */
    private static String module(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.", 4);
        return parts.length < 3 ? type.getPackageName() : parts[0] + "." + parts[1] + "." + parts[2];
    }

    private static ArchCondition<JavaClass> onlyBeKnownInTheirModule() {
        return new ArchCondition<>("only be known in their own module") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                DescribedPredicate<JavaClass> outside = DescribedPredicate.describe(
                        "outside", other -> !module(other).equals(module(type)));
                type.getDirectDependenciesToSelf().stream()
                        .filter(dependency -> outside.test(dependency.getOriginClass()))
                        .forEach(dependency ->
                                events.add(SimpleConditionEvent.violated(type, dependency.getDescription())));
            }
        };
    }
}
