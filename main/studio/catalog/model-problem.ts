/** Why a model folder cannot be used, in words for people. Stays inside the catalog: it becomes `Model.problem`. */
export class ModelProblem extends Error {
  override readonly name = 'ModelProblem';
}
