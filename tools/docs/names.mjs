/** A plugin of typedoc: a module is called what an import calls it, `@gc/core/Address`, and not by its place. */
export const load = (application) => {
  application.converter.on("resolveBegin", ({ project }) => {
    for (const module of project.children ?? []) {
      module.name = `@gc/${module.name.replace(/\/src(\/index)?$/, "").replace("/src/", "/")}`
    }
  })
}
