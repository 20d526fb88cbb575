/** A question that is answered in the background, while whoever asked does other things until the ring. */
export class Question<T> {
  private answer: { value: T } | { error: unknown } | null = null;
  private isBeingAnswered = false;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly ring: () => void,
  ) {}

  /** True from asking until the answer is taken. */
  get isOpen(): boolean {
    return this.isBeingAnswered || this.answer !== null;
  }

  ask(): void {
    if (this.isOpen) return;
    this.isBeingAnswered = true;
    void this.read()
      .then(
        (value) => {
          this.answer = { value };
        },
        (error: unknown) => {
          this.answer = { error };
        },
      )
      .finally(() => {
        this.isBeingAnswered = false;
        this.ring();
      });
  }

  /**
   * The answer, once; undefined while there is none.
   * @throws what the read threw
   */
  takeAnswer(): T | undefined {
    const { answer } = this;
    this.answer = null;
    if (answer && 'error' in answer) throw answer.error;
    return answer?.value;
  }
}
