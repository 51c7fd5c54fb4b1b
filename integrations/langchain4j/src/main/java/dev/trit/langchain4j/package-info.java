/** LangChain4j's model interfaces over a model in this process. */
@NullMarked
package dev.trit.langchain4j;

import org.jspecify.annotations.NullMarked;
