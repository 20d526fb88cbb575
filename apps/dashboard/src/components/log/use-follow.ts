'use client';

import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** So close to the end counts as being there. */
const NEAR_PX = 24;

/**
 * Keeps the end of a growing log in view. Moving up by hand lets go, coming back to the end takes hold again.
 */
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  rowCount: number,
  scrollToEnd: () => void,
  initially: boolean,
) {
  const [isFollowing, setFollowing] = useState(initially);
  const lastTop = useRef(0);

  useLayoutEffect(() => {
    if (isFollowing && rowCount > 0) scrollToEnd();
  }, [isFollowing, rowCount, scrollToEnd]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    const movedUp = element.scrollTop < lastTop.current - 1;
    lastTop.current = element.scrollTop;
    if (movedUp && !isAtEnd) setFollowing(false);
    else if (isAtEnd) setFollowing(true);
  }, [scroller]);

  return { isFollowing, setFollowing, onScroll };
}
